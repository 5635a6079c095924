import { type CallerRow, callers } from '../evidence/callers.ts';
import { clientLanguage, RETRY_DEFAULTS } from '../evidence/client-language.ts';
import { coverage } from '../evidence/coverage.ts';
import { load } from '../evidence/load.ts';
import { type RetryRow, retries } from '../evidence/retries.ts';
import { rowsOf } from '../evidence/rows.ts';
import { timeline } from '../evidence/timeline.ts';
import type { Cause, Fact } from '../model.ts';
import { callerOf, victimsBeside } from './caller.ts';
import type { Diagnosis } from './diagnosis.ts';
import { durationOf, GROWTH_MAX, growthOf, retriesFrom } from './retrying.ts';
import { type Storm, stormOf, timeOf } from './storm.ts';
import { confidenceOf, margin, verdictFor } from './verdict.ts';

/** From here on refused requests are most of the load, and the retries are a storm of their own. */
const REFUSED_SHARE_MAX = 0.5;
/** Refusals of the caller: fewer say nothing about how it waits. */
const REFUSED_MIN = 20;
/** Share of all refusals of the vault that are this caller's. */
const OF_REFUSED_MIN = 0.1;
/** Share of the refused needs that were given up after the first refusal, where the client's own default is to do so. */
const AT_ONCE_MIN = 0.8;

/** A caller's retries do not back off, or it gives up at once where it should wait. */
export const unpacedRetries: Diagnosis = {
  kind: 'unpaced-retries',
  needs: [coverage.kind, timeline.kind, callers.kind, retries.kind, load.kind],
  fixes: ['backoff', 'separate-vault'],
  cure: 'backoff',
  diagnose(context) {
    const storm = stormOf(context);
    const retried = rowsOf(context.evidence, retries);
    if (storm === null || retried === null) return [];
    if (storm.refused / Math.max(1, storm.refused + storm.served) >= REFUSED_SHARE_MAX) return [];
    return retried.flatMap((row) => {
      const caller = storm.callers.find((candidate) => candidate.caller === row.caller);
      if (caller === undefined || row.refused < REFUSED_MIN || row.refused < OF_REFUSED_MIN * storm.refused) return [];
      return loops(storm, caller, row) ?? givesUp(storm, caller, row) ?? [];
    });
  },
};

function loops(storm: Storm, caller: CallerRow, row: RetryRow): Cause[] | null {
  const growth = growthOf(row);
  if (growth === null || growth >= GROWTH_MAX) return null;
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

function givesUp(storm: Storm, caller: CallerRow, row: RetryRow): Cause[] | null {
  const language = clientLanguage(caller.client);
  const waits = language === null ? null : RETRY_DEFAULTS[language].waitsMs.length > 0;
  const atOnce = row.refusedChains === 0 ? 0 : row.gaveUp / row.refusedChains;
  if (waits !== false || atOnce < AT_ONCE_MIN) return null;
  return [
    {
      ...about(storm, caller, row),
      verdict: 'likely',
      confidence: confidenceOf([margin(atOnce, AT_ONCE_MIN, 1), margin(row.refused, REFUSED_MIN, 10 * REFUSED_MIN)]),
      facts: factsOf(row, null),
      summary: 'gives up at the first refusal where waiting a second would do',
    },
  ];
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
