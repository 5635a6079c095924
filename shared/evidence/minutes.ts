import * as z from 'zod/mini';
import type { Resource } from '../model.ts';
import type { ComposedQuery } from '../ports.ts';

const row = z.object({
  /** Minutes since the epoch. */
  minute: z.number(),
  requests: z.number(),
  refused: z.number(),
});

export const MINUTE_ROWS = z.array(row);

/**
 * When anything was asked of a resource, minute by minute over everything that was taken in: by which a window is chosen
 * before evidence is asked for it. No evidence kind, as it knows no window.
 */
export function composeMinutes(resource: Resource): ComposedQuery {
  const text = `SELECT at_us // 60000000 AS minute, count(*) AS requests, count(*) FILTER (status = 429) AS refused
    FROM log WHERE resource = $resource GROUP BY ALL ORDER BY minute`;
  return { setup: [], statements: [{ kind: 'minutes', text }], parameters: { resource: resource.id.toLowerCase() } };
}
