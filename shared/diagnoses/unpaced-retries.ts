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
import { durationOf, growthOf, keepsStormAlive, type Loop, pacingOf, retriesFrom, whileRefused } from './retrying.ts';
import { type Storm, stormOf, timeOf } from './storm.ts';
import { confidenceOf, margin, verdictFor } from './verdict.ts';

/** Refusals of the caller: fewer say nothing about how it waits. */
const REFUSED_MIN = 20;
/** Share of all refusals of the vault that are this caller's. */
const OF_REFUSED_MIN = 0.1;
/** Whoever gives up sends nothing more: it is told where it is the one that is refused, not of each that is hurt. */
const GIVES_UP_OF_REFUSED_MIN = 0.3;

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
    const asked = whileRefused(storm);
    return retried.flatMap((row) => {
      const caller = storm.callers.find((candidate) => candidate.caller === row.caller);
      if (caller === undefined || row.refused < REFUSED_MIN || row.refused < OF_REFUSED_MIN * storm.refused) return [];
      if (keepsStormAlive(asked, row.caller)) return [];
      const pacing = pacingOf(row, tries);
      if (pacing?.way === 'loops') return [loops(storm, caller, row, pacing)];
      const hurtsItself = row.refused >= GIVES_UP_OF_REFUSED_MIN * storm.refused;
      return pacing?.way === 'gives-up' && hurtsItself ? [givesUp(storm, caller, row)] : [];
    });
  },
};

function loops(storm: Storm, caller: CallerRow, row: RetryRow, { seen, waitMs, clear }: Loop): Cause {
  return {
    ...about(storm, caller, row),
    // Where tries cannot be told apart one by one, what stands out may be something else that keeps time.
    verdict: seen ? verdictFor(true, storm.baseline) : 'likely',
    confidence: confidenceOf([clear, margin(row.refused, REFUSED_MIN, 10 * REFUSED_MIN)]),
    facts: [...factsOf(row, seen ? growthOf(row) : null), ...(seen || waitMs === null ? [] : [standsOut(row, waitMs)])],
    summary: `asks again${waitMs === null ? '' : ` after ${durationOf(waitMs)}`} each time it is refused, without backing off`,
  };
}

function standsOut({ caller }: RetryRow, waitMs: number): Fact {
  return {
    label: 'After a refusal, tries stand out at',
    value: Math.round(waitMs),
    unit: 'ms',
    from: { kind: attempts.kind, column: 'atMs', row: caller, window: 'incident' },
  };
}

function givesUp(storm: Storm, caller: CallerRow, row: RetryRow): Cause {
  return {
    ...about(storm, caller, row),
    verdict: 'likely',
    confidence: confidenceOf([
      margin(row.refused, REFUSED_MIN, 10 * REFUSED_MIN),
      margin(row.refused / storm.refused, GIVES_UP_OF_REFUSED_MIN, 0.9),
    ]),
    facts: factsOf(row, null),
    summary: 'gives up at the first refusal where waiting a second would do',
  };
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
    { label: 'Reads given up', value: row.gaveUp, from: from('gaveUp') },
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
