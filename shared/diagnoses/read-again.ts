import { attempts } from '../evidence/attempts.ts';
import type { CallerRow } from '../evidence/callers.ts';
import { RETRY_DEFAULTS } from '../evidence/client-language.ts';
import type { LoadRow } from '../evidence/load.ts';
import { retries } from '../evidence/retries.ts';
import { rowsOf } from '../evidence/rows.ts';
import type { Evidence } from '../model.ts';
import type { Pacing } from './pacing.ts';
import { pacingOf } from './retrying.ts';
import { between, type Storm, total } from './storm.ts';

/** How a caller reads the same things again, around the refusals. */
export type ReadAgain = {
  /** Calls that it made, as far as they can be told from their retries. */
  calls: number;
  /** Share of them that a cache of five minutes would have saved. */
  saved: number;
  /** Calls for each thing by each address. */
  readsEach: number;
  /** Share of all calls while refusals last. */
  ofLoad: number;
};

/** .NET, Java and Go retry three times: so many tries at most are one call, of whoever does not loop. */
const TRIES_A_CALL_MAX = 1 + RETRY_DEFAULTS.net.waitsMs.length;

/**
 * Where most is refused and many ask for the same thing, nearly each try follows the refusal of another and looks like its
 * retry: calls are then told by how many tries a library makes of one at most.
 */
export function readAgain(evidence: Evidence, storm: Storm, caller: CallerRow): ReadAgain {
  const own = storm.load.filter((line) => line.caller === caller.caller);
  const pacing = pacingIn(evidence, caller.caller);
  const calls = callsIn(own, pacing, total);
  const misses = own.reduce((sum, line) => sum + total(line.miss300) + total(line.uncacheable), 0);
  const during = (lines: readonly LoadRow[], way: Pacing | null): number =>
    callsIn(lines, way, (series, { fromSecond }) =>
      between(series, fromSecond, storm.onsetSecond - 10, storm.lastSecond),
    );
  const others = [...new Set(storm.load.map((line) => line.caller))]
    .filter((name) => name !== caller.caller)
    .map((name) =>
      during(
        storm.load.filter((line) => line.caller === name),
        null,
      ),
    );
  const ownDuring = during(own, pacing);
  const addresses = Math.max(1, ...own.map((line) => line.addresses));
  return {
    calls,
    saved: calls === 0 ? 0 : 1 - misses / calls,
    readsEach: calls / Math.max(1, caller.targets * addresses),
    ofLoad: ownDuring / Math.max(1, ownDuring + total(others)),
  };
}

function pacingIn(evidence: Evidence, caller: string): Pacing | null {
  const row = rowsOf(evidence, retries)?.find((each) => each.caller === caller);
  return row === undefined ? null : pacingOf(row, rowsOf(evidence, attempts));
}

function callsIn(
  lines: readonly LoadRow[],
  pacing: Pacing | null,
  count: (series: readonly number[], line: LoadRow) => number,
): number {
  const first = lines.reduce((sum, line) => sum + count(line.first, line), 0);
  const tries = lines.reduce((sum, line) => sum + count(line.retry, line), first);
  if (pacing?.way === 'loops') return first;
  return pacing?.way === 'gives-up' ? tries : Math.max(first, tries / TRIES_A_CALL_MAX);
}
