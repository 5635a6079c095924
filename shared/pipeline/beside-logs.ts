import { changes } from '../evidence/changes.ts';
import { identity } from '../evidence/identity.ts';
import { logLines } from '../evidence/log-lines.ts';
import { metricSeries } from '../evidence/metric-series.ts';
import { owners } from '../evidence/owners.ts';
import { platform } from '../evidence/platform.ts';
import { quota } from '../evidence/quota.ts';
import { results } from '../evidence/results.ts';
import { siblings } from '../evidence/siblings.ts';
import { storeRequests } from '../evidence/store-requests.ts';

/** What stays open without evidence that no log holds, in the order in which it is said. */
const OPEN: readonly [kind: string, words: string][] = [
  [platform.kind, 'whether the provider has an event open'],
  [owners.kind, 'whose the callers are'],
  [changes.kind, 'what changed before'],
  [identity.kind, 'whether tokens were refused'],
  [results.kind, 'what the metrics count'],
  [siblings.kind, 'what the other vaults were asked'],
  [metricSeries.kind, "the alert's own metric"],
  [logLines.kind, 'what its log groups say'],
  [quota.kind, 'how much of the quota is used'],
  [storeRequests.kind, 'who asks the store'],
];

/** What could not be read, where none of it is in a log; null where any is. */
export function besideLogs(kinds: ReadonlySet<string>): string | null {
  const words = OPEN.filter(([kind]) => kinds.has(kind)).map(([, each]) => each);
  if (words.length === 0 || words.length < kinds.size) return null;
  const last = words.at(-1) ?? '';
  const list = words.length === 1 ? last : `${words.slice(0, -1).join(', ')} and ${last}`;
  return `${list.charAt(0).toUpperCase()}${list.slice(1)} could not be read.`;
}
