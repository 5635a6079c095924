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
/** Slots that share a word of bits, which say where something is: hours are mostly empty slots. */
const SLOTS_PER_WORD = 32;

/** @param ids numbers lie below this; each waits for one thing at a time */
export function createCalendar(endMs: number, ids: number): Calendar {
  const slots = Math.ceil(endMs / SLOT_MS) + 1;
  const taken = new Int32Array(Math.ceil(slots / SLOTS_PER_WORD));
  /** Of a slot that is taken. */
  const first = new Int32Array(slots);
  const following = new Int32Array(ids);
  let now = NONE;
  return {
    put(timeMs, id) {
      // Into a later slot than the present one, or what asks again at once would never end.
      const slot = Math.max(now + 1, Math.floor(timeMs / SLOT_MS));
      if (slot >= slots) return;
      const word = Math.floor(slot / SLOTS_PER_WORD);
      const bit = 1 << (slot % SLOTS_PER_WORD);
      const known = taken[word] ?? 0;
      following[id] = (known & bit) === 0 ? NONE : (first[slot] ?? NONE);
      first[slot] = id;
      taken[word] = known | bit;
    },
    playThrough(happens) {
      for (let word = 0; word < taken.length; word++)
        for (let left = taken[word] ?? 0; left !== 0; left = taken[word] ?? 0) {
          const lowest = left & -left;
          taken[word] = left ^ lowest;
          now = (word + 1) * SLOTS_PER_WORD - 1 - Math.clz32(lowest);
          for (let id = first[now] ?? NONE; id !== NONE; ) {
            const next = following[id] ?? NONE;
            if (!happens(now * SLOT_MS, id)) return;
            id = next;
          }
        }
    },
  };
}
