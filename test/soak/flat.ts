/** One look at a process; bytes after a full collection of garbage. */
export type Sample = { atMs: number; heapBytes: number; handles: number; descriptors: number };

export type Trend = { from: number; to: number; growth: number };

/** What a process may take until it has seen everything once: compiled code, prepared statements, pools. */
const WARM_UP_SHARE = 1 / 3;

/**
 * How far a series rises after its warm-up, as the median of all slopes between two of its values (Theil and Sen) times its
 * length: a single value that sticks out moves nothing, a leak does.
 */
export function trendOf(values: readonly number[]): Trend {
  const settled = values.slice(Math.floor(values.length * WARM_UP_SHARE));
  const slopes = settled.flatMap((from, i) => settled.slice(i + 1).map((to, step) => (to - from) / (step + 1)));
  const growth = medianOf(slopes) * Math.max(0, settled.length - 1);
  const middle = medianOf(settled);
  return { from: middle - growth / 2, to: middle + growth / 2, growth };
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/** Less is what caches breathe by; a leak of 300 bytes an alert comes to more in a whole run. */
const HEAP_GROWTH_SHARE = 0.03;
const HANDLE_GROWTH = 3;

/** What is not flat, in words; empty when all is. */
export function risesIn(samples: readonly Sample[]): string[] {
  if (samples.length < 6) return ['fewer than 6 samples say nothing: run it longer'];
  const heap = trendOf(samples.map(({ heapBytes }) => heapBytes));
  const problems: string[] = [];
  if (heap.growth > heap.from * HEAP_GROWTH_SHARE) problems.push(`the heap rises by ${megabytes(heap.growth)}`);
  for (const name of ['handles', 'descriptors'] as const) {
    const { growth } = trendOf(samples.map((sample) => sample[name]));
    if (growth > HANDLE_GROWTH) problems.push(`${name} rise by ${growth.toFixed(1)}`);
  }
  return problems;
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(1)} MB`;
}
