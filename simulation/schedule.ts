/** Virtual time: what is to happen runs in order of its time, and ties in order of planning. */
export type Schedule = {
  /** Epoch milliseconds of the event that runs now. */
  now(): number;
  at(timeMs: number, run: () => void): void;
  /** Runs everything before `endMs`; what lies later is never run. */
  playUntil(endMs: number): void;
};

type Planned = { timeMs: number; order: number; run: () => void };

function earlier(a: Planned, b: Planned): boolean {
  return a.timeMs < b.timeMs || (a.timeMs === b.timeMs && a.order < b.order);
}

export function createSchedule(startMs: number): Schedule {
  const heap: Planned[] = [];
  let nowMs = startMs;
  let planned = 0;

  function push(item: Planned): void {
    let index = heap.push(item) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !earlier(item, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = item;
  }

  function pop(): Planned | undefined {
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      let below = heap[child];
      const right = heap[child + 1];
      if (below === undefined) break;
      if (right !== undefined && earlier(right, below)) {
        below = right;
        child++;
      }
      if (!earlier(below, last)) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = last;
    return first;
  }

  return {
    now: () => nowMs,
    at: (timeMs, run) => push({ timeMs: Math.max(timeMs, nowMs), order: planned++, run }),
    playUntil(endMs) {
      for (let next = heap[0]; next !== undefined && next.timeMs < endMs; next = heap[0]) {
        pop();
        nowMs = next.timeMs;
        next.run();
      }
      nowMs = endMs;
    },
  };
}
