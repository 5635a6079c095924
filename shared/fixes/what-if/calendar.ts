/**
 * What is still to happen, by number, in slots of a few milliseconds: nothing needs sorting, since no limit notices the order
 * within a slot. What lies beyond the end never happens.
 */
export type Calendar = {
  put(timeMs: number, id: number): void;
  /** Hands out everything in order of its slot, what is put meanwhile included; ends early when told false. */
  playThrough(happens: (timeMs: number, id: number) => boolean): void;
};

const SLOT_MS = 4;
const NONE = -1;

/** @param ids numbers lie below this; each waits for one thing at a time */
export function createCalendar(endMs: number, ids: number): Calendar {
  const first = new Int32Array(Math.ceil(endMs / SLOT_MS) + 1).fill(NONE);
  const following = new Int32Array(ids).fill(NONE);
  let now = NONE;
  return {
    put(timeMs, id) {
      // Into a later slot than the present one, or what asks again at once would never end.
      const slot = Math.max(now + 1, Math.floor(timeMs / SLOT_MS));
      if (slot >= first.length) return;
      following[id] = first[slot] ?? NONE;
      first[slot] = id;
    },
    playThrough(happens) {
      for (now = 0; now < first.length; now++)
        for (let id = first[now] ?? NONE; id !== NONE; ) {
          const next = following[id] ?? NONE;
          if (!happens(now * SLOT_MS, id)) return;
          id = next;
        }
    },
  };
}
