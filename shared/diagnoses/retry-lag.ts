import type { AttemptRow } from '../evidence/attempts.ts';

/**
 * How soon refusals are asked again, where so much asks for the same things that no try can be told from another. Refusals
 * come in crowds, so that more tries follow them than follow anything else; but those of a loop that waits come all after
 * the same time, give or take a fifth, and stand out from the crowd around them.
 */
export type RetryLag = {
  /** Tries for each refusal that come after this time, beyond those before and after it: about 1 where each is retried so. */
  share: number;
  lagMs: number;
};

/** The first wait of every Azure library but Python's, which begins with none and then waits 1.6 s, is longer than this. */
const SOON_MS = 400;
/** Shorter ones are lost in the crowd. */
const SOONEST_MS = 75;
const BIN_MS = 5;
/** A retry is looked for in this part of the lag on either side; the crowd in as much again on either side of that. */
const JITTER = 0.2;
const CROWD = 0.6;
/** From one lag that is tried to the next. */
const STEP = 1.1;
/** What stands out is at least this part of all that comes after that time: else the crowd is only uneven. */
const OF_BAND_MIN = 0.3;
/** Fewer refusals tell nothing. */
const SAMPLES_MIN = 50;

/** Null where the tries of the caller are not at hand, or too few. */
export function retryLagOf(rows: readonly AttemptRow[], caller: string): RetryLag | null {
  const lags = new Float64Array(Math.ceil((SOON_MS * (1 + CROWD)) / BIN_MS) + 1);
  let samples = 0;
  for (const row of rows) if (row.caller === caller) samples += tally(row, lags);
  if (samples < SAMPLES_MIN) return null;
  const within = (fromMs: number, toMs: number): number => {
    let sum = 0;
    for (let bin = Math.round(fromMs / BIN_MS); bin < Math.round(toMs / BIN_MS); bin++) sum += lags[bin] ?? 0;
    return sum / samples;
  };
  let best: RetryLag = { share: 0, lagMs: SOONEST_MS };
  for (let lagMs = SOONEST_MS; lagMs <= SOON_MS; lagMs *= STEP) {
    const [low, high] = [lagMs * (1 - JITTER), lagMs * (1 + JITTER)];
    const crowd = within(lagMs * (1 - CROWD), low) + within(high, lagMs * (1 + CROWD));
    const band = within(low, high);
    const share = band - crowd * (JITTER / (CROWD - JITTER));
    if (share > best.share && share >= OF_BAND_MIN * band) best = { share, lagMs };
  }
  return best;
}

/** Adds the lags from each refusal to what follows of the same need; gives the number of refusals. */
function tally({ atMs, address, target, status }: AttemptRow, lags: Float64Array): number {
  const byNeed = new Map<string, number[]>();
  for (const index of atMs.keys()) {
    const need = `${address[index] ?? 0} ${target[index] ?? 0}`;
    const known = byNeed.get(need);
    if (known === undefined) byNeed.set(need, [index]);
    else known.push(index);
  }
  const longestMs = SOON_MS * (1 + CROWD);
  let samples = 0;
  for (const tries of byNeed.values())
    for (const [place, index] of tries.entries()) {
      if (status[index] !== 429) continue;
      samples++;
      const at = atMs[index] ?? 0;
      for (let next = place + 1; next < tries.length; next++) {
        const lagMs = (atMs[tries[next] ?? 0] ?? 0) - at;
        if (lagMs >= longestMs) break;
        const bin = Math.floor(lagMs / BIN_MS);
        lags[bin] = (lags[bin] ?? 0) + 1;
      }
    }
  return samples;
}
