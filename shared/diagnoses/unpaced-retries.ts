import { attempts } from '../evidence/attempts.ts';
import { type CallerRow, callers } from '../evidence/callers.ts';
import { coverage } from '../evidence/coverage.ts';
import { load } from '../evidence/load.ts';
import { type RetryRow, retries } from '../evidence/retries.ts';
import { rowsOf } from '../evidence/rows.ts';
import { timeline } from '../evidence/timeline.ts';
import type { Cause, Fact } from '../model.ts';
import { callerOf, victimsBeside } from './caller.ts';
import type { Diagnosis } from './diagnosis.ts';
import { type RetryLag, retryLagOf } from './retry-lag.ts';
import { durationOf, GROWTH_MAX, growthOf, keepsStormAlive, retriesFrom } from './retrying.ts';
import { type Storm, stormOf, timeOf } from './storm.ts';
import { confidenceOf, margin, verdictFor } from './verdict.ts';

/** Refusals of the caller: fewer say nothing about how it waits. */
const REFUSED_MIN = 20;
/** Share of all refusals of the vault that are this caller's. */
const OF_REFUSED_MIN = 0.1;
/** Tries for each refusal that stand out after the same short time, where waits cannot be seen one by one. */
const STANDS_OUT_MIN = 0.4;
/** Whoever gives up sends nothing more: it is told where it is the one that is refused, not of each that is hurt. */
const GIVES_UP_OF_REFUSED_MIN = 0.3;
/** Share of the refused needs that were given up after the first refusal. */
const AT_ONCE_MIN = 0.8;
/** No client waits so long before its first retry: the next try is the next poll, or the next piece of work. */
const NO_RETRY_MS = 15_000;
/**
 * Of a need that is asked again and again: the next try comes no sooner after a refusal than after an answer, where that is
 * longer than first retries wait (0.8 s); else new work comes before them, and nothing can be told.
 */
const NO_SOONER_MIN = 0.6;
const NO_SOONER_TRIES_MIN = 30;
const ASKED_EVERY_MIN_MS = 3_000;

/** A caller's retries do not back off, or it gives up at once where it should wait. */
export const unpacedRetries: Diagnosis = {
  kind: 'unpaced-retries',
  needs: [coverage.kind, timeline.kind, callers.kind, retries.kind, attempts.kind, load.kind],
  fixes: ['backoff', 'separate-vault'],
  cure: 'backoff',
  diagnose(context) {
    const storm = stormOf(context);
    const retried = rowsOf(context.evidence, retries);
    const tries = rowsOf(context.evidence, attempts);
    if (storm === null || retried === null) return [];
    return retried.flatMap((row) => {
      const caller = storm.callers.find((candidate) => candidate.caller === row.caller);
      if (caller === undefined || row.refused < REFUSED_MIN || row.refused < OF_REFUSED_MIN * storm.refused) return [];
      if (keepsStormAlive(storm, row)) return [];
      const lag = tries === null ? null : retryLagOf(tries, row.caller);
      return loops(storm, caller, row, lag) ?? givesUp(storm, caller, row) ?? [];
    });
  },
};

function loops(storm: Storm, caller: CallerRow, row: RetryRow, lag: RetryLag | null): Cause[] | null {
  const growth = growthOf(row);
  if (growth === null) return loopsUnseen(storm, caller, row, lag);
  if (growth >= GROWTH_MAX) return null;
  const wait = row.gap1Ms === null ? '' : ` after ${durationOf(row.gap1Ms)}`;
  return [
    {
      ...about(storm, caller, row),
      verdict: verdictFor(true, storm.baseline),
      confidence: confidenceOf([
        margin(GROWTH_MAX - growth, 0, 0.4),
        margin(row.refused, REFUSED_MIN, 10 * REFUSED_MIN),
      ]),
      facts: factsOf(row, growth),
      summary: `asks again${wait} each time it is refused, without backing off`,
    },
  ];
}

/** Among tries that cannot be told apart: no library waits so short a time, and whoever does has a loop of its own. */
function loopsUnseen(storm: Storm, caller: CallerRow, row: RetryRow, lag: RetryLag | null): Cause[] | null {
  if (lag === null || lag.share < STANDS_OUT_MIN) return null;
  return [
    {
      ...about(storm, caller, row),
      verdict: 'likely',
      confidence: confidenceOf([
        margin(lag.share, STANDS_OUT_MIN, 1),
        margin(row.refused, REFUSED_MIN, 10 * REFUSED_MIN),
      ]),
      facts: [
        ...factsOf(row, null),
        {
          label: 'After a refusal, tries stand out at',
          value: Math.round(lag.lagMs),
          unit: 'ms',
          from: { kind: attempts.kind, column: 'atMs', row: row.caller, window: 'incident' },
        },
      ],
      summary: `asks again after ${durationOf(lag.lagMs)} each time it is refused, without backing off`,
    },
  ];
}

function givesUp(storm: Storm, caller: CallerRow, row: RetryRow): Cause[] | null {
  const share = givesUpShare(row);
  if (share < AT_ONCE_MIN || row.refused < GIVES_UP_OF_REFUSED_MIN * storm.refused) return null;
  return [
    {
      ...about(storm, caller, row),
      verdict: 'likely',
      confidence: confidenceOf([margin(share, AT_ONCE_MIN, 1), margin(row.refused, REFUSED_MIN, 10 * REFUSED_MIN)]),
      facts: factsOf(row, null),
      summary: 'gives up at the first refusal where waiting a second would do',
    },
  ];
}

/** Share of what was refused that was not tried again for its own sake, 0..1. */
function givesUpShare(row: RetryRow): number {
  if (row.gap1Ms !== null && row.gap1Ms >= NO_RETRY_MS) return 1;
  const { afterRefusedMs, afterServedMs } = row;
  const comparable = Math.min(row.afterRefusedTries, row.afterServedTries) >= NO_SOONER_TRIES_MIN;
  if (comparable && afterRefusedMs !== null && afterServedMs !== null)
    return afterServedMs >= ASKED_EVERY_MIN_MS && afterRefusedMs >= NO_SOONER_MIN * afterServedMs ? 1 : 0;
  return row.refusedChains === 0 ? 0 : row.gaveUp / row.refusedChains;
}

function about(
  storm: Storm,
  caller: CallerRow,
  row: RetryRow,
): Pick<Cause, 'kind' | 'role' | 'explains' | 'onset' | 'caller' | 'victims'> {
  return {
    kind: unpacedRetries.kind,
    role: 'amplifier',
    explains: 0,
    onset: timeOf(retriesFrom(storm, row.caller)),
    caller: callerOf(caller),
    victims: victimsBeside(storm.callers, row.caller),
  };
}

function factsOf(row: RetryRow, growth: number | null): Fact[] {
  const from = (column: string): Fact['from'] => ({ kind: retries.kind, column, row: row.caller, window: 'incident' });
  const facts: Fact[] = [
    {
      label: 'Tries for each read served',
      value: Number((row.attempts / Math.max(1, row.served)).toFixed(2)),
      from: from('attempts'),
    },
    { label: 'Reads refused at first', value: row.refusedChains, from: from('refusedChains') },
    { label: 'Of them given up', value: row.gaveUp, from: from('gaveUp') },
  ];
  if (row.gap1Ms !== null)
    facts.push({
      label: 'Wait before the first retry',
      value: Math.round(row.gap1Ms),
      unit: 'ms',
      from: from('gap1Ms'),
    });
  if (growth !== null)
    facts.push({
      label: 'Waits grow from try to try by',
      value: Number(growth.toFixed(2)),
      unit: '×',
      from: from('growth32'),
    });
  return facts;
}
