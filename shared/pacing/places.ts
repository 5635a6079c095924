/**
 * The share of a process in a sliding window, place by place: a request that was served at t frees its place at
 * t + window, and whoever sends then, and not before, is served again.
 */
export type Places = {
  /** How many are held. */
  count(): number;
  /** When the `nth` one is free, epoch ms; `Infinity` where there are not so many. The first is 0. */
  dueAt(nth?: number): number;
  /** A place that will be free at `dueAt`, which lies after all others. */
  add(dueAt: number): void;
  /** Gives up the one that is free first. */
  drop(): void;
  clear(): void;
};

const COMPACT_AT = 1_024;

export function createPlaces(): Places {
  let due: number[] = [];
  let head = 0;
  return {
    count: () => due.length - head,
    dueAt: (nth = 0) => due[head + nth] ?? Number.POSITIVE_INFINITY,
    add: (dueAt) => void due.push(dueAt),
    drop() {
      head++;
      if (head > COMPACT_AT) {
        due = due.slice(head);
        head = 0;
      }
    },
    clear() {
      due = [];
      head = 0;
    },
  };
}
