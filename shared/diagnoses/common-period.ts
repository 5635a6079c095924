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
  let best: CommonPeriod | null = null;
  const longest = Math.floor(span / (ROUNDS_MIN - 1));
  for (let seconds = SECONDS_MIN; seconds <= longest; seconds++) {
    const likeness = likenessAfter(series, seconds);
    // A multiple of the period fits nearly as well: the shortest that does is meant.
    if (best !== null && likeness <= best.likeness + (seconds >= 1.8 * best.seconds ? 0.1 : 0)) continue;
    best = { seconds, rounds: Math.round(span / seconds) + 1, likeness };
  }
  return best;
}

function blur(perSecond: readonly number[]): number[] {
  return perSecond.map((_, second) => {
    const around = perSecond.slice(Math.max(0, second - BLUR_S), second + BLUR_S + 1);
    return around.reduce((sum, count) => sum + count, 0) / around.length;
  });
}

/** Correlation of the series with itself, so many seconds later; 0 where either part does not vary. */
function likenessAfter(series: readonly number[], seconds: number): number {
  const earlier = series.slice(0, series.length - seconds);
  const later = series.slice(seconds);
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanEarlier, meanLater] = [mean(earlier), mean(later)];
  let [both, own, other] = [0, 0, 0];
  for (const [index, value] of earlier.entries()) {
    const a = value - meanEarlier;
    const b = (later[index] ?? 0) - meanLater;
    both += a * b;
    own += a * a;
    other += b * b;
  }
  return own === 0 || other === 0 ? 0 : both / Math.sqrt(own * other);
}
