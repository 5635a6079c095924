import * as z from 'zod/mini';
import { type EvidenceKind, isConfigurationStore } from './kind.ts';

const row = z.object({
  /** Object id of the identity, or id of the access key, lower-cased; empty where the workspace keeps neither yet. */
  caller: z.string(),
  /** What the client calls itself. */
  client: z.string(),
  requests: z.number(),
  /** Answered 2xx or 304, 304 alone, and 429. */
  served: z.number(),
  unchanged: z.number(),
  refused: z.number(),
  addresses: z.number(),
  firstMs: z.number(),
  lastMs: z.number(),
});

export type StoreRequestsRow = z.infer<typeof row>;

const CALLERS_MAX = 50;

/**
 * Who asked an App Configuration store, most requests first, at most 50. Its log is aggregated: each record stands for
 * `HitCount` requests from the beginning of its period on, so that nothing is known by the second (field-notes 12).
 *
 * @see https://learn.microsoft.com/azure/azure-monitor/reference/tables/aachttprequest
 */
export const storeRequests: EvidenceKind<StoreRequestsRow> = {
  kind: 'store-requests',
  row,
  baseline: false,
  about: isConfigurationStore,
  configurationRequests: ({ requests }) => `${requests}
| summarize requests = sum(hits), served = sumif(hits, status between (200 .. 299) or status == 304),
    unchanged = sumif(hits, status == 304), refused = sumif(hits, status == 429), addresses = dcount(address),
    from_time = min(at), to_time = max(at) by caller, client
| project caller, client, requests, served, unchanged, refused, addresses,
    firstMs = toreal((from_time - datetime(1970-01-01)) / 1ms),
    lastMs = toreal((to_time - datetime(1970-01-01)) / 1ms)
| order by requests desc, caller asc, client asc
| take ${CALLERS_MAX}`,
};
