export type SingleFlight<V> = {
  /**
   * Runs `work` once for all who ask for the key while it runs; they share its outcome, a rejection too.
   * Nothing is remembered after it settles.
   */
  run(key: string, work: () => Promise<V>): Promise<V>;
  /** Whether work for the key runs now. */
  has(key: string): boolean;
  readonly size: number;
};

export function createSingleFlight<V>(): SingleFlight<V> {
  const running = new Map<string, Promise<V>>();
  return {
    run(key, work) {
      const present = running.get(key);
      if (present !== undefined) return present;
      const started = (async () => work())();
      const tracked = started.finally(() => {
        running.delete(key);
      });
      running.set(key, tracked);
      return tracked;
    },
    has: (key) => running.has(key),
    get size() {
      return running.size;
    },
  };
}
