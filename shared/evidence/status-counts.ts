import type { SeriesRow } from './series-row.ts';

export type StatusCounts = {
  /** Minutes since the epoch of the first count. */
  fromMinute: number;
  /** Minutes that the metric knows of; the last may still grow. */
  minutes: number;
  /** Requests a minute, by HTTP status. */
  byStatus: ReadonlyMap<number, readonly number[]>;
};

/** One metric of what was answered, split by status; null where it knows of no minute. */
export function statusCounts(rows: readonly SeriesRow[], metric: string): StatusCounts | null {
  const [first] = rows;
  if (first === undefined || first.perMinute.length === 0) return null;
  const statuses = rows.filter((row) => row.metric === metric && row.split !== null && /^\d{3}$/.test(row.split));
  return {
    fromMinute: first.fromMinute,
    minutes: first.perMinute.length,
    byStatus: new Map(statuses.map(({ split, perMinute }) => [Number(split), perMinute])),
  };
}
