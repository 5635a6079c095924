import type { Evidence } from '../model.ts';
import { quotaIn } from './quota.ts';
import { resultsIn } from './results.ts';
import type { StatusCounts } from './status-counts.ts';

/** What the metrics of the resource itself say it answered, minute by minute; null where it keeps none, or none was read. */
export function countedIn(evidence: Evidence): StatusCounts | null {
  return resultsIn(evidence) ?? quotaIn(evidence)?.counts ?? null;
}
