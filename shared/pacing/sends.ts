/** One request on its way. `countedAt`, epoch ms: when it was sent, and once it is answered, then: the service counted it in between. */
export type Send = { sentAt: number; countedAt: number };

/** The requests of one process in the order of sending, as far back as a rate may look. */
export type Sends = {
  add(send: Send): void;
  /** Forgets what was counted at or before `until`, epoch ms. */
  trim(until: number): void;
  /** When one more request keeps to `limit` requests a window, epoch ms; a limit below 1 stretches the window. */
  roomAt(limit: number, windowMs: number): number;
};

const COMPACT_AT = 1_024;

export function createSends(): Sends {
  let items: Send[] = [];
  let head = 0;
  return {
    add: (send) => void items.push(send),
    trim(until) {
      while (head < items.length && (items[head]?.countedAt ?? 0) <= until) head++;
      if (head > COMPACT_AT) {
        items = items.slice(head);
        head = 0;
      }
    },
    roomAt(limit, windowMs) {
      const count = Math.max(1, Math.ceil(limit - 1e-9));
      const index = items.length - count;
      const before = index < head ? undefined : items[index];
      return before === undefined ? Number.NEGATIVE_INFINITY : before.countedAt + (windowMs * count) / limit;
    },
  };
}
