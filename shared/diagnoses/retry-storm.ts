import { type AttemptRow, attempts } from '../evidence/attempts.ts';
import { type CallerRow, callers } from '../evidence/callers.ts';
import { coverage } from '../evidence/coverage.ts';
import { load } from '../evidence/load.ts';
import { type RetryRow, retries } from '../evidence/retries.ts';
import { rowsOf } from '../evidence/rows.ts';
import { timeline } from '../evidence/timeline.ts';
import type { Cause, Fact } from '../model.ts';
import { callerOf, victimsBeside } from './caller.ts';
import type { Diagnosis } from './diagnosis.ts';
import {
  durationOf,
  growthOf,
  type Loop,
  pacingOf,
  REFUSED_SHARE_MIN,
  refusedShareOf,
  retriesFrom,
  TRIES_PER_SERVED_MIN,
  type WhileRefused,
  whileRefused,
} from './retrying.ts';
import { type Storm, stormOf, timeOf, total } from './storm.ts';
import { confidenceOf, margin, verdictFor } from './verdict.ts';

/** The same where the waits themselves could not be seen. */
const TRIES_PER_SERVED_UNSEEN_MIN = 4;
/** Or where starting instances, were each in a loop of its own all the time, would wait no longer than this. */
const UNSEEN_WAIT_MAX_MS = 500;
/** Share of the caller's tries that follow a refusal. */
const RETRIED_SHARE_MIN = 0.4;
/** Share of all retries of the vault that are this caller's: others retry because they are hurt, */
const OF_RETRIES_MIN = 0.25;
/** unless it is seen not to wait. */
const OF_RETRIES_SEEN_MIN = 0.1;

/** Tries for each request served climb; refused requests are most of the load and keep it alive. */
export const retryStorm: Diagnosis = {
  kind: 'retry-storm',
  needs: [coverage.kind, timeline.kind, callers.kind, retries.kind, attempts.kind, load.kind],
  fixes: ['backoff', 'separate-vault'],
  cure: 'backoff',
  diagnose(context) {
    const storm = stormOf(context);
    const retried = rowsOf(context.evidence, retries);
    if (storm === null || retried === null) return [];
    const asked = whileRefused(storm);
    const refusedShare = refusedShareOf(asked);
    if (refusedShare < REFUSED_SHARE_MIN) return [];
    const tries = rowsOf(context.evidence, attempts);
    const allRetries = total([...asked.values()].map(({ retry }) => retry));
    return retried.flatMap((row) => {
      const caller = storm.callers.find((candidate) => candidate.caller === row.caller);
      const own = asked.get(row.caller);
      if (caller === undefined || own === undefined) return [];
      return causeFrom(storm, caller, row, { own, refusedShare, allRetries, tries });
    });
  },
};

function causeFrom(
  storm: Storm,
  caller: CallerRow,
  row: RetryRow,
  {
    own,
    refusedShare,
    allRetries,
    tries,
  }: { own: WhileRefused; refusedShare: number; allRetries: number; tries: readonly AttemptRow[] | null },
): Cause[] {
  const attempted = own.first + own.retry;
  const triesPerServed = attempted / Math.max(1, own.served);
  const retriedShare = own.retry / Math.max(1, attempted);
  const ofRetries = own.retry / Math.max(1, allRetries);
  if (triesPerServed < TRIES_PER_SERVED_MIN || retriedShare < RETRIED_SHARE_MIN) return [];
  if (ofRetries < OF_RETRIES_SEEN_MIN) return [];
  const pacing = pacingOf(row, tries);
  // Where its tries are at hand a loop would stand out.
  if (pacing?.way !== 'loops' && (pacing !== null || tries?.some((each) => each.caller === row.caller) === true))
    return [];
  const seen = pacing?.way === 'loops' || unseenWaitMs(storm, caller, row) <= UNSEEN_WAIT_MAX_MS;
  if (ofRetries < (pacing?.way === 'loops' ? OF_RETRIES_SEEN_MIN : OF_RETRIES_MIN)) return [];
  const threshold = seen ? TRIES_PER_SERVED_MIN : TRIES_PER_SERVED_UNSEEN_MIN;
  if (triesPerServed < threshold) return [];
  const loop = pacing?.way === 'loops' ? pacing : null;
  const clear = loop?.seen === true && ofRetries >= 0.5;
  const wait = loop === null || loop.waitMs === null ? '' : ` every ${durationOf(loop.waitMs)}`;
  return [
    {
      kind: retryStorm.kind,
      verdict: verdictFor(clear, storm.baseline),
      role: 'amplifier',
      confidence: confidenceOf([
        margin(triesPerServed, threshold, 2 * threshold),
        margin(refusedShare, REFUSED_SHARE_MIN, 0.8),
        margin(ofRetries, OF_RETRIES_MIN, 0.9),
        loop?.clear ?? 0,
      ]),
      explains: 0,
      onset: timeOf(retriesFrom(storm, row.caller)),
      caller: callerOf(caller),
      victims: victimsBeside(storm.callers, row.caller),
      facts: factsOf(row, { triesPerServed, retriedShare, refusedShare }, loop),
      summary: `${triesPerServed.toFixed(1)} tries per read served, retried${wait} without backing off`,
    },
  ];
}

/**
 * Behind a shared address the waits of one instance cannot be seen. Where each instance reads its set once, one after the
 * other, they can be bounded: all instances together cannot have waited longer than refusals lasted.
 */
function unseenWaitMs(storm: Storm, caller: CallerRow, row: RetryRow): number {
  const own = storm.load.filter((line) => line.caller === caller.caller);
  const instances = Math.max(0, ...own.map((line) => Math.max(line.addresses, line.challenges)));
  const readsOnce = row.first <= 1.5 * instances * caller.targets;
  if (!readsOnce) return Number.POSITIVE_INFINITY;
  const refusedSeconds = Math.max(0, ...own.map((line) => line.refused.filter((count) => count > 0).length));
  return (1000 * refusedSeconds * instances) / Math.max(1, row.attempts - row.first);
}

function factsOf(
  row: RetryRow,
  shares: { triesPerServed: number; retriedShare: number; refusedShare: number },
  loop: Loop | null,
): Fact[] {
  const from = (column: string, kind: string = retries.kind): Fact['from'] => ({
    kind,
    column,
    row: row.caller,
    window: 'incident',
  });
  const facts: Fact[] = [
    {
      label: 'Tries for each read served while refusals last',
      value: Number(shares.triesPerServed.toFixed(2)),
      from: from('served', load.kind),
    },
    {
      label: 'Tries that follow a refusal',
      value: Math.round(shares.retriedShare * 100),
      unit: '%',
      from: from('retry', load.kind),
    },
    {
      label: 'Refused, of all requests in windows with refusals',
      value: Math.round(shares.refusedShare * 100),
      unit: '%',
      from: { kind: load.kind, column: 'refused', window: 'incident' },
    },
    { label: 'Reads refused more than three times', value: row.longChains, from: from('longChains') },
  ];
  if (loop === null || loop.waitMs === null) return facts;
  if (!loop.seen)
    return [
      ...facts,
      {
        label: 'After a refusal, tries stand out at',
        value: Math.round(loop.waitMs),
        unit: 'ms',
        from: { kind: attempts.kind, column: 'atMs', row: row.caller, window: 'incident' },
      },
    ];
  facts.push({
    label: 'Wait before the first retry',
    value: Math.round(loop.waitMs),
    unit: 'ms',
    from: from('gap1Ms'),
  });
  const growth = growthOf(row);
  if (growth !== null)
    facts.push({
      label: 'Waits grow from try to try by',
      value: Number(growth.toFixed(2)),
      unit: '×',
      from: from('growth32'),
    });
  return facts;
}
