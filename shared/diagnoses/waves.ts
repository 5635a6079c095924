/** Starts that come together, again and again: instances that share addresses and are told by their challenges alone. */
export type Waves = {
  /** Starts of the middle wave. */
  size: number;
  waves: number;
  /** From the start of a wave to that of the next, in the middle. */
  gapSeconds: number;
  /** Index of the second in which the first began. */
  from: number;
  /** Index of the second after the last start of the last. */
  to: number;
};

/** Nothing starts between two waves for so long; instances that are restarted together are apart by less. */
const SILENCE_S = 5;
/** Of many a shorter silence tells as much: one in which as many starts as this were due is left by no chance. */
const SILENT_STARTS = 25;
/** A second without a start may be one in which the vault or the log was late. */
const SHORT_SILENCE_S = 2;
const WAVES_MIN = 3;
/** Fewer starts are single ones. */
const SIZE_MIN = 5;
/** Waves of the same instances hold about as many starts: so much of the largest; */
const ALIKE_MIN = 0.6;
/** and between the first and the last hardly any start lies in none of them. */
const IN_WAVES_MIN = 0.9;

/** Null where a series of starts, second by second, holds fewer than three waves alike. */
export function wavesOf(startsPerSecond: readonly number[]): Waves | null {
  const all: { from: number; to: number; starts: number }[] = [];
  const silenceSeconds = silenceIn(startsPerSecond);
  for (const [second, starts] of startsPerSecond.entries()) {
    if (starts === 0) continue;
    const last = all.at(-1);
    if (last !== undefined && second - last.to < silenceSeconds) {
      last.to = second + 1;
      last.starts += starts;
    } else all.push({ from: second, to: second + 1, starts });
  }
  const largest = Math.max(0, ...all.map(({ starts }) => starts));
  const alike = all.filter(({ starts }) => starts >= Math.max(SIZE_MIN, ALIKE_MIN * largest));
  const [first] = alike;
  const last = alike.at(-1);
  if (first === undefined || last === undefined || alike.length < WAVES_MIN) return null;
  const sum = (waves: typeof all): number => waves.reduce((count, { starts }) => count + starts, 0);
  if (sum(alike) < IN_WAVES_MIN * sum(all.filter(({ from }) => from >= first.from && from <= last.from))) return null;
  const gaps = alike.slice(1).map(({ from }, index) => from - (alike[index]?.from ?? from));
  return {
    size: median(alike.map(({ starts }) => starts)),
    waves: alike.length,
    gapSeconds: median(gaps),
    from: first.from,
    to: last.to,
  };
}

function silenceIn(startsPerSecond: readonly number[]): number {
  const busy = startsPerSecond.filter((starts) => starts > 0);
  const usual = busy.reduce((sum, starts) => sum + starts, 0) / Math.max(1, busy.length);
  return Math.min(SILENCE_S, Math.max(SHORT_SILENCE_S, Math.ceil(SILENT_STARTS / Math.max(1, usual))));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}
