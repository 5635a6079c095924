/**
 * The share of a process in a sliding window, place by place: a request that was served at t frees its place at
 * t + window, and whoever sends then, and not before, is served again.
 */
export type Places = {
  /** How many are held. */
  count(): number;
  /** When the `nth` one is free, epoch ms; `Infinity` where there are not so many. The first is 0. */
  dueAt(nth?: number): number;
  /** A place that will be free at `dueAt`, epoch ms. */
  add(dueAt: number): void;
  /** Gives up the one that is free first. */
  drop(): void;
  /** Leaves those that are free before `until` unused for now: each is free `byMs` later than it would have been. */
  defer(until: number, byMs: number): void;
  clear(): void;
};

const COMPACT_AT = 1_024;

export function createPlaces(): Places {
  let due: number[] = [];
  let head = 0;
  return {
    count: () => due.length - head,
    dueAt: (nth = 0) => due[head + nth] ?? Number.POSITIVE_INFINITY,
    add(dueAt) {
      let index = due.length;
      while (index > head && (due[index - 1] ?? 0) > dueAt) index--;
      due.splice(index, 0, dueAt);
    },
    drop() {
      head++;
      if (head > COMPACT_AT) {
        due = due.slice(head);
        head = 0;
      }
    },
    defer(until, byMs) {
      const held = due.slice(head).map((at) => (at < until ? at + byMs : at));
      due = held.sort((a, b) => a - b);
      head = 0;
    },
    clear() {
      due = [];
      head = 0;
    },
  };
}
