type CacheEntry<V> = {
  value: V;
  /** Epoch ms until which the value is served without a second thought. */
  freshUntil: number;
  /** Epoch ms until which it may be served when its source fails; at least `freshUntil`. */
  staleUntil: number;
};

export type TtlCache<V> = {
  /** The entry and how good it still is; undefined when absent or past `staleUntil`, which also forgets it. */
  get(key: string, now: number): { state: 'fresh' | 'stale'; entry: CacheEntry<V> } | undefined;
  set(key: string, entry: CacheEntry<V>): void;
  delete(key: string): void;
  keys(): IterableIterator<string>;
  readonly size: number;
};

/** @param maxEntries the least recently used entry makes room; at least 1 */
export function createTtlCache<V>(maxEntries = 10_000): TtlCache<V> {
  if (!(maxEntries >= 1)) throw new RangeError(`maxEntries must be at least 1, got ${maxEntries}`);
  const entries = new Map<string, CacheEntry<V>>();
  return {
    get(key, now) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      if (now >= entry.staleUntil) {
        entries.delete(key);
        return undefined;
      }
      entries.delete(key);
      entries.set(key, entry);
      return { state: now < entry.freshUntil ? 'fresh' : 'stale', entry };
    },
    set(key, entry) {
      entries.delete(key);
      entries.set(key, entry);
      if (entries.size > maxEntries) {
        const oldest = entries.keys().next();
        if (!oldest.done) entries.delete(oldest.value);
      }
    },
    delete(key) {
      entries.delete(key);
    },
    keys: () => entries.keys(),
    get size() {
      return entries.size;
    },
  };
}
