export type SecretsClock = {
  /** Epoch milliseconds. */
  now(): number;
  /** Resolves after `ms`, or at once when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
};

/** `sleep` keeps the process alive, for somebody waits; `idle` does not, for background work. */
export type Timing = SecretsClock & { idle(ms: number, signal?: AbortSignal): Promise<void> };

const MAX_TIMER_MS = 2 ** 31 - 1;

export function createTiming(clock: SecretsClock | undefined): Timing {
  if (clock !== undefined) {
    const now = () => clock.now();
    const sleep = (ms: number, signal?: AbortSignal) => clock.sleep(ms, signal);
    return { now, sleep, idle: sleep };
  }
  return {
    now: Date.now,
    sleep: (ms, signal) => sleep(ms, signal, true),
    idle: (ms, signal) => sleep(ms, signal, false),
  };
}

function sleep(ms: number, signal: AbortSignal | undefined, keepsAlive: boolean): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) {
      resolve();
      return;
    }
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, Math.min(Math.max(0, ms), MAX_TIMER_MS));
    if (!keepsAlive) timer.unref();
    signal?.addEventListener('abort', done, { once: true });
  });
}

export type Alarm = {
  /** Runs the callback at that time, epoch ms, unless an earlier time is set already. */
  setAtMost(at: number): void;
  cancel(): void;
};

/** One wake-up at a time. `wait` is the sleep to use. */
export function createAlarm(now: () => number, wait: Timing['sleep'], run: () => void): Alarm {
  let due = Number.POSITIVE_INFINITY;
  let pending: AbortController | null = null;
  const cancel = (): void => {
    due = Number.POSITIVE_INFINITY;
    pending?.abort();
    pending = null;
  };
  return {
    cancel,
    setAtMost(at) {
      if (at >= due) return;
      cancel();
      due = at;
      const mine = new AbortController();
      pending = mine;
      const ring = (): void => {
        if (pending !== mine) return;
        pending = null;
        due = Number.POSITIVE_INFINITY;
        run();
      };
      wait(Math.max(0, at - now()), mine.signal).then(ring, ring);
    },
  };
}
