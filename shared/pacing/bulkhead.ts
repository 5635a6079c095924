export type Bulkhead = {
  /** Runs `work` when a place is free, first come first served; null at once when the queue is full too. */
  run<T>(work: () => Promise<T>): Promise<T> | null;
  readonly active: number;
  readonly queued: number;
};

/** Keeps one kind of work from taking the place of another. Both bounds are counts; `maxQueued` may be 0. */
export function createBulkhead(options: { maxActive: number; maxQueued: number }): Bulkhead {
  const { maxActive, maxQueued } = options;
  if (!(maxActive >= 1)) throw new RangeError(`maxActive must be at least 1, got ${maxActive}`);
  if (!(maxQueued >= 0)) throw new RangeError(`maxQueued must be at least 0, got ${maxQueued}`);
  const queue: (() => void)[] = [];
  let active = 0;

  const start = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next === undefined) active--;
      else next(); // the place is handed on, so nobody can slip in between
    }
  };

  return {
    run(work) {
      if (active < maxActive) {
        active++;
        return start(work);
      }
      if (queue.length >= maxQueued) return null;
      return new Promise<void>((resolve) => queue.push(resolve)).then(() => start(work));
    },
    get active() {
      return active;
    },
    get queued() {
      return queue.length;
    },
  };
}
