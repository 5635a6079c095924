import type { WorkDeps } from './deps.ts';
import { type Expired, expire } from './retention.ts';
import { type Swept, sweep } from './sweep.ts';

export type WatchDeps = WorkDeps & { retention: { evidenceDays: number } };

export type WatchReport = Swept & Expired;

/** What is done every minute whether or not an alert comes: take up what was left behind, let go of what is too old. */
export async function watch(deps: WatchDeps): Promise<WatchReport> {
  const swept = await sweep(deps);
  const expired = await expire(deps);
  const report = { ...swept, ...expired };
  if (Object.values(report).some((count) => count > 0)) deps.log.info('watch', report);
  return report;
}
