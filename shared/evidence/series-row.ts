import * as z from 'zod/mini';
import { numbers } from './kind.ts';

/** One metric of one resource, minute by minute: what every store of metrics answers with. */
export const seriesRow = z.object({
  /** Lower-cased resource id, or ARN; of an alert's own metric, what it is asked about. */
  resource: z.string(),
  /** As the provider names it: `ServiceApiResult`. */
  metric: z.string(),
  /** Value of the dimension that the metric was split by, as text; null where it was not split. */
  split: z.nullable(z.string()),
  /** Minutes since the epoch of the first value. */
  fromMinute: z.number(),
  /**
   * One value a minute, 0 where the provider says nothing. It ends with the last minute that the provider can know of, which
   * is the same in all rows of one reading: metrics come 1 to 3 minutes late, so the last five minutes may still grow.
   */
  perMinute: numbers,
  /** 1 for each minute that the provider gave a value for: a silence is no 0 of what is averaged. */
  given: numbers,
});

export type SeriesRow = z.infer<typeof seriesRow>;
