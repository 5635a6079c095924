import * as z from 'zod/mini';
import type { Analysis } from '../model.ts';

const time = () => z.iso.datetime({ precision: 3 });
const count = () => z.int().check(z.nonnegative());
const share = () => z.number().check(z.gte(0), z.lte(1));
const number = () => z.number().check(z.nonnegative());

const CALLER = {
  id: z.string(),
  kind: z.enum(['application', 'user', 'role', 'unknown']),
  appId: z.exactOptional(z.string()),
  objectId: z.exactOptional(z.string()),
  arn: z.exactOptional(z.string()),
  displayName: z.exactOptional(z.string()),
  owner: z.exactOptional(z.string()),
  client: z.exactOptional(z.string().check(z.describe('Most frequent clientInfo.'))),
  addresses: count(),
};
const caller = z.strictObject(CALLER);

const resource = z.strictObject({
  cloud: z.enum(['azure', 'aws', 'other']),
  id: z.string().check(z.describe('ARM id in lower case, or ARN.')),
  name: z.string(),
  type: z.string(),
  scope: z.string().check(z.describe('Subscription or account.')),
  region: z.exactOptional(z.string()),
});

const peak = z.strictObject({
  class: z.string().check(z.describe('The operation class with the highest utilisation, also the first of ceilings.')),
  windowSeconds: z.number().check(z.positive()),
  requests: count().check(z.describe('Most in any window, refused ones among them.')),
  utilisation: number().check(z.describe('Peak requests ÷ the published limit; may pass 1.')),
  at: time().check(z.describe('When that window began.')),
});

const ceiling = z.strictObject({
  class: z.string(),
  windowSeconds: z.number().check(z.positive()),
  published: count().check(z.describe('Requests admitted a window, by the limit profile.')),
  observed: z
    .nullable(z.strictObject({ median: number(), p10: number(), p90: number() }))
    .check(z.describe('Requests served a window while others were refused; null where too few were.')),
});

const impact = z.strictObject({
  callersRefused: count(),
  requestsFailed: count(),
  minutesOver: count(),
  pattern: z.enum(['intermittent', 'persistent']),
  dependents: z.array(caller).check(z.describe('Refused callers that no finding names as cause.')),
  errorBudgetBurn: z
    .nullable(number())
    .check(z.describe('Times faster than the objective allows, in the worst hour; null without an objective.')),
});

const fact = z.strictObject({
  label: z.string(),
  value: z.union([z.number(), z.string()]),
  unit: z.exactOptional(z.string()),
  from: z.strictObject({
    kind: z.string(),
    column: z.string(),
    row: z.exactOptional(z.string()),
    window: z.enum(['incident', 'day-before', 'week-before', 'hour-before']),
  }),
});

const fix = z.strictObject({
  id: z.string(),
  title: z.string(),
  invasiveness: z.literal([1, 2, 3, 4, 5]),
  snippet: z.exactOptional(z.strictObject({ language: z.string(), text: z.string() })),
  predicted: z.exactOptional(
    z.strictObject({
      throttledBefore: count(),
      throttledAfter: count(),
      peakUtilisationBefore: number(),
      peakUtilisationAfter: number(),
    }),
  ),
  action: z.exactOptional(z.strictObject({ id: z.string(), params: z.unknown() })),
});

const finding = z.strictObject({
  kind: z.string(),
  verdict: z.enum(['confirmed', 'likely', 'inconclusive', 'ruled-out']),
  role: z.enum(['trigger', 'amplifier', 'condition']),
  confidence: share(),
  explains: share().check(
    z.describe('Share of the refusals that would not have been, had this cause alone been cured.'),
  ),
  onset: z.exactOptional(time()),
  caller: z.exactOptional(caller),
  victims: z.array(caller),
  facts: z.array(fact),
  summary: z.string(),
  fixes: z.array(fix).check(z.describe('Least invasive first, led by one that lowers the peak where any does.')),
});

/** The document of `analyze --format json`, as it is published. */
export const AnalysisSchema = z.strictObject({
  schema: z.literal('headroom.analysis/1'),
  skipped: z
    .strictObject({ lines: count(), files: z.array(z.strictObject({ path: z.string(), error: z.string() })) })
    .check(z.describe('What of the input could not be read.')),
  resources: z
    .array(
      z.strictObject({
        resource,
        window: z.strictObject({ from: time(), to: time().check(z.describe('Exclusive.')) }),
        totals: z.strictObject({ requests: count(), throttled: count().check(z.describe('Answered 429.')) }),
        peak: z.nullable(peak),
        ceilings: z.array(ceiling),
        callers: z
          .array(z.strictObject({ ...CALLER, requests: count(), throttled: count(), share: share() }))
          .check(z.describe('Most requests first; share is of all requests.')),
        impact,
        findings: z.array(finding).check(z.describe('Ranked, best first; ruled-out ones only with --all.')),
      }),
    )
    .check(z.describe('Most throttled first.')),
}) satisfies z.ZodMiniType<Analysis>;
