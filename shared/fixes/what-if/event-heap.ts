/** What is to happen, earliest first; ties in the order in which they were put in. */
export type EventHeap<T> = { push(timeMs: number, event: T): void; pop(): { timeMs: number; event: T } | undefined };

type Entry<T> = { timeMs: number; order: number; event: T };

export function eventHeap<T>(): EventHeap<T> {
  const entries: Entry<T>[] = [];
  let order = 0;
  const before = (a: Entry<T>, b: Entry<T>): boolean =>
    a.timeMs < b.timeMs || (a.timeMs === b.timeMs && a.order < b.order);

  function siftDown(entry: Entry<T>): void {
    let hole = 0;
    for (;;) {
      const left = entries[2 * hole + 1];
      const right = entries[2 * hole + 2];
      const child = right !== undefined && left !== undefined && before(right, left) ? 2 * hole + 2 : 2 * hole + 1;
      const least = entries[child];
      if (least === undefined || !before(least, entry)) break;
      entries[hole] = least;
      hole = child;
    }
    entries[hole] = entry;
  }

  return {
    push(timeMs, event) {
      const entry = { timeMs, order: order++, event };
      let hole = entries.length;
      entries.push(entry);
      while (hole > 0) {
        const parent = (hole - 1) >> 1;
        const above = entries[parent];
        if (above === undefined || !before(entry, above)) break;
        entries[hole] = above;
        hole = parent;
      }
      entries[hole] = entry;
    },
    pop() {
      const top = entries[0];
      const last = entries.pop();
      if (top !== undefined && last !== undefined && entries.length > 0) siftDown(last);
      return top;
    },
  };
}
