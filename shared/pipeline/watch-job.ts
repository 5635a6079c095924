import { asHeadroomError } from '../errors.ts';
import type { Time } from '../model.ts';
import type { Records, Revision } from '../ports.ts';
import { withinDeadline } from './deadline.ts';
import type { WorkDeps } from './deps.ts';
import { watchKey } from './keys.ts';
import { readVersioned } from './versions.ts';

/** What a job has done, counted by name. */
type Counts = Readonly<Record<string, number>>;

/** One of the things that `watch` does, each when it is due. */
export type WatchJob<Deps> = {
  name: string;
  /** Pause between two runs; 0: at every call of `watch`. */
  everyMs: number;
  /** Longest run, and how long its claim holds when its process dies. */
  limitMs: number;
  /** Gives up soon after the signal; whatever it does can be done twice. */
  run(deps: Deps, signal: AbortSignal): Promise<Counts>;
};

/** `watch/job-<name>`: when the job is due, and who is at it. */
type JobRecord = { v: 1; dueAt: Time; lease?: { worker: string; until: Time } };

export type JobEnded =
  | { state: 'done'; counts: Counts }
  /** Not due yet, or another instance is at it. */
  | { state: 'skipped' }
  | { state: 'failed'; retryAfterMs: number };

/** `watch` is called every minute, seldom to the millisecond: what is due this soon is done now. */
const EARLY_MS = 30_000;

/** A job that failed is tried again at the next call, unless what it needs has asked for more time. */
const AFTER_FAILURE_MS = 60_000;

/**
 * Runs the job if it is due, on one instance at a time: the claim is a record that is changed by compare-and-set. Never
 * throws: what failed is logged, and keeps no other job from its run.
 *
 * @param leftMs what is left of the time of all jobs
 */
export async function runJob<Deps extends WorkDeps>(
  deps: Deps,
  job: WatchJob<Deps>,
  leftMs: number,
): Promise<JobEnded> {
  try {
    const revision = await claim(deps, job);
    if (revision === null) return { state: 'skipped' };
    return await runClaimed(deps, job, { revision, limitMs: Math.min(job.limitMs, leftMs) });
  } catch (error) {
    return failed(deps, job.name, error);
  }
}

async function runClaimed<Deps extends WorkDeps>(
  deps: Deps,
  job: WatchJob<Deps>,
  { revision, limitMs }: { revision: Revision; limitMs: number },
): Promise<JobEnded> {
  const startedMs = deps.clock.now();
  let ended: JobEnded;
  try {
    const counts = await withinDeadline(deps.clock, limitMs, job.name, (signal) => job.run(deps, signal));
    ended = { state: 'done', counts };
  } catch (error) {
    ended = failed(deps, job.name, error);
  }
  const pauseMs = ended.state === 'failed' ? ended.retryAfterMs : job.everyMs;
  const dueAt = new Date(startedMs + Math.max(0, pauseMs - EARLY_MS)).toISOString();
  await deps.records.put<JobRecord>(jobKey(job.name), { v: 1, dueAt }, revision);
  return ended;
}

/** @returns null when it is not due, or not ours to do now */
async function claim<Deps extends WorkDeps>(deps: Deps, job: WatchJob<Deps>): Promise<Revision | null> {
  const { records, clock, worker } = deps;
  const stored = await readJob(records, job.name);
  const nowMs = clock.now();
  const now = new Date(nowMs).toISOString();
  if (stored && (stored.value.dueAt > now || (stored.value.lease && stored.value.lease.until > now))) return null;
  const lease = { worker, until: new Date(nowMs + job.limitMs).toISOString() };
  const value: JobRecord = { v: 1, dueAt: stored?.value.dueAt ?? now, lease };
  const written = await records.put(jobKey(job.name), value, stored?.revision ?? 'absent');
  return written === 'conflict' ? null : written;
}

async function readJob(records: Records, name: string) {
  const stored = await records.get<JobRecord>(jobKey(name));
  return stored && { ...stored, value: readVersioned(`the record of ${name}`, stored.value) };
}

function jobKey(name: string) {
  return watchKey(`job-${name}`);
}

function failed(deps: WorkDeps, job: string, error: unknown): JobEnded {
  const known = asHeadroomError(error, 'bug', `${job} failed`);
  const { kind, message, nextStep } = known;
  const cause = known.cause instanceof Error ? known.cause.message : null;
  deps.log.error('watch-job-failed', { job, kind, error: message, nextStep, cause });
  return { state: 'failed', retryAfterMs: Math.max(AFTER_FAILURE_MS, known.retryAfterMs ?? 0) };
}
