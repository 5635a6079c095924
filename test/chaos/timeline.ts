/** Time that moves from one wait to the next, one at a time and always in the same order: what is played can be played again. */
export type Timeline = {
  /** Epoch milliseconds, whole as a real clock gives them. */
  now(): number;
  wait(ms: number, signal?: AbortSignal): Promise<void>;
  /** Moves to the next wait that is over, and lets everything run on that this wakes. False when nothing waits. */
  next(): Promise<boolean>;
};

type Waiting = { untilMs: number; order: number; wake: () => void };

/** @param isBusy whether a store has still to answer: the time stands still meanwhile */
export function createTimeline(startMs: number, isBusy: () => boolean): Timeline {
  const waiting = new Set<Waiting>();
  let nowMs = startMs;
  let orders = 0;

  async function settle(): Promise<void> {
    do await new Promise<void>((resolve) => setImmediate(resolve));
    while (isBusy());
  }

  return {
    now: () => nowMs,
    wait(ms, signal) {
      return new Promise<void>((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        orders += 1;
        const one: Waiting = { untilMs: nowMs + Math.ceil(Math.max(0, ms)), order: orders, wake: resolve };
        waiting.add(one);
        signal?.addEventListener('abort', () => {
          if (waiting.delete(one)) reject(signal.reason);
        });
      });
    },
    async next() {
      await settle();
      let first: Waiting | undefined;
      for (const one of waiting)
        if (!first || one.untilMs < first.untilMs || (one.untilMs === first.untilMs && one.order < first.order))
          first = one;
      if (!first) return false;
      waiting.delete(first);
      nowMs = Math.max(nowMs, first.untilMs);
      first.wake();
      return true;
    },
  };
}
