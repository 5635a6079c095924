import type { CanaryAlarm, FiringAlerts } from '../ports.ts';
import { beat } from './beat.ts';
import { type CanaryRules, noteCanary, setOffCanary } from './canary.ts';
import type { WorkDeps } from './deps.ts';
import { type Told, tellWeek } from './digest.ts';
import { type Reread, rereadMetrics } from './metric-reread.ts';
import { type Reconciled, reconcile } from './reconcile.ts';
import type { Ours } from './reconcile-rules.ts';
import { type Expired, expire } from './retention.ts';
import { type ExpiredIncidents, expireIncidents } from './retention-incidents.ts';
import { type Merged, mergeBack } from './second-region.ts';
import { sweepInbox } from './sweep-inbox.ts';
import { type SweptIncidents, sweepIncidents } from './sweep-incidents.ts';
import { runJob, type WatchJob } from './watch-job.ts';

export type WatchDeps = WorkDeps & {
  retention: { evidenceDays: number };
  /** Lists of what fires, to be compared with what has arrived; without any nothing is reconciled. */
  firing?: readonly FiringAlerts[];
  /** What marks a rule as one of ours. */
  ours?: Ours;
  /** What is expected of the canary; absent: nothing is. */
  canary?: CanaryRules;
  /** Where the canary does not fire by itself. */
  canaryAlarm?: CanaryAlarm;
};

type Counts = { inboxRequeued: number } & SweptIncidents &
  Merged &
  Reconciled &
  Reread &
  Expired &
  ExpiredIncidents &
  Told;

/** How often what was done, of the jobs that ran, and the names of those that failed. */
export type WatchReport = Partial<Counts> & { failed: string[] };

const MINUTE_MS = 60_000;

/** All jobs of one call: under the minute after which the next one comes, and under the time limit of the function. */
const BUDGET_MS = 50_000;

/** Most urgent first: what does not fit into the time is done at the next call. */
const JOBS: readonly WatchJob<WatchDeps>[] = [
  {
    name: 'sweep-inbox',
    everyMs: 0,
    limitMs: 20_000,
    run: async (deps, signal) => ({ inboxRequeued: await sweepInbox(deps, signal) }),
  },
  { name: 'sweep-incidents', everyMs: 0, limitMs: 30_000, run: sweepOpen },
  { name: 'reconcile', everyMs: 5 * MINUTE_MS, limitMs: 30_000, run: reconcile },
  { name: 'metric-reread', everyMs: 10 * MINUTE_MS, limitMs: 30_000, run: rereadMetrics },
  { name: 'merge-back', everyMs: 5 * MINUTE_MS, limitMs: 20_000, run: mergeBack },
  { name: 'canary', everyMs: 60 * MINUTE_MS, limitMs: 15_000, run: setOffCanary },
  { name: 'digest', everyMs: 15 * MINUTE_MS, limitMs: 30_000, run: tellWeek },
  { name: 'expiry', everyMs: 0, limitMs: 30_000, run: expire },
  { name: 'incident-expiry', everyMs: 5 * MINUTE_MS, limitMs: 30_000, run: expireIncidents },
];

/**
 * What is done every minute whether or not an alert comes: take up what was left behind or never arrived, let go of what is
 * too old, show that all of this still happens. Each job when it is due, on one instance at a time; one that fails keeps no
 * other from its run. Never throws.
 */
export async function watch(deps: WatchDeps): Promise<WatchReport> {
  const endsAtMs = deps.clock.now() + BUDGET_MS;
  const report: WatchReport = { failed: [] };
  for (const job of JOBS) {
    const leftMs = endsAtMs - deps.clock.now();
    if (leftMs <= 0) break;
    const ended = await runJob(deps, job, leftMs);
    if (ended.state === 'done') Object.assign(report, ended.counts);
    if (ended.state === 'failed') report.failed.push(job.name);
  }
  const { failed, ...counts } = report;
  if (Object.values(counts).some((count) => count > 0)) deps.log.info('watch', counts);
  await beat(deps, failed);
  return report;
}

async function sweepOpen(deps: WatchDeps, signal: AbortSignal): Promise<SweptIncidents> {
  const { canary, ...counts } = await sweepIncidents(deps, signal);
  if (canary) await noteCanary(deps, canary);
  return counts;
}
