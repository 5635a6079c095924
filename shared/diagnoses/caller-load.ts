import type { ActivityRow } from '../evidence/activity.ts';
import { between, type Storm, total } from './storm.ts';

/** What was asked this long before the first refusal used the window up as well. */
const LEAD_S = 10;
const BIN_S = 10;
/** A climb is looked for between stretches of at least this length. */
const STRETCH_S = 60;
/** So much of the time before is needed to say that it was always so. */
const HELD_MIN_S = 600;
/** A load that is this many times the load before has climbed. */
const CLIMBS_FACTOR = 2;

/** Share of all first tries while refusals last that are this caller's, 0..1. */
export function shareOfLoad(storm: Storm, caller: string): number {
  const asked = (who: string | null): number =>
    storm.load
      .filter((line) => who === null || line.caller === who)
      .reduce(
        (sum, line) => sum + between(line.first, line.fromSecond, storm.onsetSecond - LEAD_S, storm.lastSecond),
        0,
      );
  return asked(caller) / Math.max(1, asked(null));
}

/**
 * Since when a caller asks for at least twice as much as before, as far as it began by the first refusal: a second;
 * `always` where it asked for as much all along; null where the log does not reach back far enough to say.
 *
 * @param rhythmSeconds the period in which its load comes and goes of itself, 0 without one
 */
export function climbOf(
  rows: readonly ActivityRow[],
  { caller, onsetSecond, rhythmSeconds }: { caller: string; onsetSecond: number; rhythmSeconds: number },
): number | 'always' | null {
  const own = rows.find((row) => row.caller === caller);
  if (own === undefined || onsetSecond - own.fromSecond < Math.max(HELD_MIN_S, 2 * rhythmSeconds)) return null;
  const perStretch = Math.ceil(Math.max(STRETCH_S, rhythmSeconds) / BIN_S);
  // Stretches are counted from the refusals backwards, so that the last one holds the climb into them.
  const end = Math.min(own.perTenSeconds.length, Math.floor((onsetSecond - own.fromSecond) / BIN_S) + perStretch);
  const stretches: { from: number; requests: number }[] = [];
  for (let from = end - perStretch; from >= 0; from -= perStretch)
    stretches.unshift({ from, requests: total(own.perTenSeconds.slice(from, from + perStretch)) });
  const split = mostUnlike(stretches.map(({ requests }) => requests));
  if (split === null) return 'always';
  // Only near there is it worth knowing to the bin; a round that began just before its stretch belongs to it.
  const climbed = stretches[split] ?? { from: end, requests: 0 };
  // Only near there is it worth knowing to the bin; a round that began just before its stretch belongs to it.
  const near = Math.max(0, climbed.from - perStretch);
  const before = total(stretches.slice(0, split).map(({ requests }) => requests)) / split;
  const busy = (before + climbed.requests) / 2 / perStretch;
  const bin = own.perTenSeconds.slice(near, end).findIndex((requests) => requests >= busy);
  return own.fromSecond + BIN_S * (bin < 0 ? climbed.from : near + bin);
}

/** Where a row of counts is best told apart in two, the second at least twice the first; null where nowhere. */
function mostUnlike(counts: readonly number[]): number | null {
  let best: { split: number; gain: number } | null = null;
  const likelihood = (sum: number, length: number): number => (sum === 0 ? 0 : sum * Math.log(sum / length));
  const all = total(counts);
  let before = 0;
  for (let split = 1; split < counts.length; split++) {
    before += counts[split - 1] ?? 0;
    const after = all - before;
    const rest = counts.length - split;
    if (after / rest < CLIMBS_FACTOR * (before / split)) continue;
    const gain = likelihood(before, split) + likelihood(after, rest) - likelihood(all, counts.length);
    if (best === null || gain > best.gain) best = { split, gain };
  }
  return best?.split ?? null;
}
