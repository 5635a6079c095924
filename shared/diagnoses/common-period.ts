/** A rhythm that all instances of a caller keep together. */
export type CommonPeriod = {
  seconds: number;
  /** Rounds that the series holds. */
  rounds: number;
  /** How alike a round is to the one before: 1 where it is the same, 0 where it has nothing of it. */
  likeness: number;
};

const SECONDS_MIN = 8;
/** More rounds than this in what is looked at, and it is work that goes on. */
const ROUNDS_MIN = 3;
/** Instances that keep time together are still a few seconds apart, and refusals spread them further. */
const BLUR_S = 2;
/** What is under this part of the busiest seconds is what else the caller does. */
const BUSY_SHARE = 0.1;
/** A round is over in this part of its period, or it is no round. */
const QUIET_SHARE_MIN = 0.3;

/**
 * The period at which a series of requests a second comes back, told by how alike it is to itself that much later; null
 * where it holds fewer than three rounds, or has no pauses.
 */
export function commonPeriodOf(perSecond: readonly number[]): CommonPeriod | null {
  const smooth = blur(perSecond);
  const floor = BUSY_SHARE * Math.max(...smooth);
  const first = smooth.findIndex((value) => value > floor);
  const last = smooth.findLastIndex((value) => value > floor);
  const series = smooth.slice(Math.max(0, first), last + 1);
  const span = series.length;
  if (span < SECONDS_MIN * (ROUNDS_MIN - 1)) return null;
  if (series.filter((value) => value <= floor).length < QUIET_SHARE_MIN * span) return null;
  const levels = Float64Array.from(series);
  const sums = sumsOf(levels);
  let best: CommonPeriod | null = null;
  const longest = Math.floor(span / (ROUNDS_MIN - 1));
  for (let seconds = SECONDS_MIN; seconds <= longest; seconds++) {
    const likeness = likenessAfter(levels, sums, seconds);
    // A multiple of the period fits nearly as well: the shortest that does is meant.
    if (best !== null && likeness <= best.likeness + (seconds >= 1.8 * best.seconds ? 0.1 : 0)) continue;
    best = { seconds, rounds: Math.round(span / seconds) + 1, likeness };
  }
  return best;
}

/** Less variation than this part of the mean square is what rounding leaves. */
const VARIES_SHARE = 1e-9;

function blur(perSecond: readonly number[]): number[] {
  return perSecond.map((_, second) => {
    const around = perSecond.slice(Math.max(0, second - BLUR_S), second + BLUR_S + 1);
    return around.reduce((sum, count) => sum + count, 0) / around.length;
  });
}

/** Sums of the first so many values, and of their squares: every lag asks for them. */
type Sums = { values: Float64Array; squares: Float64Array };

function sumsOf(series: Float64Array): Sums {
  const values = new Float64Array(series.length + 1);
  const squares = new Float64Array(series.length + 1);
  for (let index = 0; index < series.length; index++) {
    const value = series[index] ?? 0;
    values[index + 1] = (values[index] ?? 0) + value;
    squares[index + 1] = (squares[index] ?? 0) + value * value;
  }
  return { values, squares };
}

/** Correlation of the series with itself, so many seconds later; 0 where either part does not vary. */
function likenessAfter(series: Float64Array, { values, squares }: Sums, seconds: number): number {
  const span = series.length;
  const count = span - seconds;
  let products = 0;
  for (let index = 0; index < count; index++) products += (series[index] ?? 0) * (series[index + seconds] ?? 0);
  const at = (sums: Float64Array, index: number): number => sums[index] ?? 0;
  const sumEarlier = at(values, count);
  const sumLater = at(values, span) - at(values, seconds);
  const own = at(squares, count) - (sumEarlier * sumEarlier) / count;
  const other = at(squares, span) - at(squares, seconds) - (sumLater * sumLater) / count;
  const scale = (VARIES_SHARE * at(squares, span)) / span;
  return own <= scale * count || other <= scale * count
    ? 0
    : (products - (sumEarlier * sumLater) / count) / Math.sqrt(own * other);
}
