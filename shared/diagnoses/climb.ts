import type { ActivityRow } from '../evidence/activity.ts';
import type { CallerRow } from '../evidence/callers.ts';
import { firstPerSecond, slidingPeak } from './lane.ts';
import { type Storm, total } from './storm.ts';
import { isTroubled } from './verdict.ts';

/** When the busiest window was this share of today's before as well, it is how the caller always is, not what changed. */
const ALWAYS_SHARE = 0.8;
/** A load that is this many times the load before has climbed. */
const CLIMBS_FACTOR = 2;
const WINDOW_S = 10;
const BIN_S = 10;
/** A climb is looked for between stretches of at least this length. */
const STRETCH_S = 60;
/** So much of the time before is needed to say that it was always so. */
const HELD_MIN_S = 600;
/** Around the refusals, the climb is past where a window holds this part of the busiest one, */
const PAST_SHARE = 0.25;
/** a second with less than this part of the busiest is not yet it, */
const NOT_YET_SHARE = 0.05;
/** and so much of the time before it shows what was usual; */
const USUAL_MIN_S = 60;
/** a smaller load is chance, */
const PEAK_MIN = 50;
/** and so are counts within so many standard deviations of the usual. */
const CHANCE_SD = 4;

/** Whether the caller was as busy before, at a time when nobody was refused. */
export function wasAlways({ baseline }: Storm, caller: CallerRow): boolean {
  const usual = baseline?.byCaller.get(caller.caller);
  return (
    usual !== undefined && baseline !== null && !isTroubled(baseline) && usual.peak10s >= ALWAYS_SHARE * caller.peak10s
  );
}

/**
 * The second in which a caller began to ask for clearly more of these classes than in the minutes before, be it before the
 * first refusal or after; of one who was there before, the second in which it passed its usual of another day. The first
 * refusal where it was always as busy, or where neither tells.
 */
export function climbOf(storm: Storm, caller: CallerRow, onsetSecond: number, classes?: readonly string[]): number {
  if (wasAlways(storm, caller)) return onsetSecond;
  const rows = storm.load.filter(
    (line) => line.caller === caller.caller && (classes === undefined || classes.includes(line.class)),
  );
  const [row] = rows;
  if (row === undefined) return onsetSecond;
  const first = firstPerSecond(rows);
  const climbs = climbIn(first) ?? pastUsual(storm, caller, first, onsetSecond - row.fromSecond);
  return climbs === null ? onsetSecond : row.fromSecond + climbs;
}

/** Null without a baseline, and where it stayed near its usual until the first refusal. */
function pastUsual({ baseline }: Storm, { caller }: CallerRow, first: readonly number[], onset: number): number | null {
  if (baseline === null) return null;
  const usual = baseline.byCaller.get(caller)?.peak10s ?? 0;
  if (usual > 0 && slidingPeak(first.slice(0, Math.max(0, onset)), WINDOW_S) <= CLIMBS_FACTOR * usual) return null;
  const climbs = first.findIndex(
    (_, second) => total(first.slice(Math.max(0, second - WINDOW_S + 1), second + 1)) > CLIMBS_FACTOR * usual,
  );
  return climbs < 0 || climbs > onset ? null : climbs;
}

/** Where counts of each second begin to climb to what they are at most; null where they are high from the start. */
export function climbIn(perSecond: readonly number[]): number | null {
  const bins = Array.from({ length: Math.ceil(perSecond.length / BIN_S) }, (_, bin) =>
    total(perSecond.slice(bin * BIN_S, (bin + 1) * BIN_S)),
  );
  const peak = Math.max(0, ...bins);
  const past = bins.findIndex((count) => count >= PAST_SHARE * peak);
  if (peak < PEAK_MIN || past * BIN_S < USUAL_MIN_S) return null;
  const calm = bins.slice(0, USUAL_MIN_S / BIN_S);
  const usual = total(calm) / calm.length;
  const most = CLIMBS_FACTOR * usual + CHANCE_SD * Math.sqrt(usual);
  if (peak <= most) return null;
  let begins = past;
  while (begins > 0 && (bins[begins - 1] ?? 0) > most) begins--;
  const least = Math.max(most / BIN_S, (NOT_YET_SHARE * peak) / BIN_S);
  const second = perSecond.slice(begins * BIN_S).findIndex((count) => count > least);
  return begins * BIN_S + Math.max(0, second);
}

/**
 * Since when a caller asks for clearly more: as the minutes around the refusals show it, else as the whole log does up to
 * the first refusal. `always` where it asked for as much all along; null where the log does not reach back far enough to say.
 *
 * @param rhythmSeconds the period in which its load comes and goes of itself, 0 without one
 */
export function climbSince(
  storm: Storm,
  rows: readonly ActivityRow[],
  { caller, rhythmSeconds }: { caller: string; rhythmSeconds: number },
): number | 'always' | null {
  const before = climbBefore(rows, { caller, onsetSecond: storm.onsetSecond, rhythmSeconds });
  const own = storm.load.filter((line) => line.caller === caller);
  const [row] = own;
  // What comes round in longer than a minute is not there in each, and yet may always have been.
  if (before === 'always' || row === undefined || rhythmSeconds > USUAL_MIN_S) return before;
  const climbs = climbIn(firstPerSecond(own));
  return climbs === null ? before : row.fromSecond + climbs;
}

/** As far as it began by the first refusal. */
function climbBefore(
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
