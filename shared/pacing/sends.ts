/** One request in the window. `countedAt`, epoch ms: when it was sent, and once it is answered, then: the service counted it in between. */
export type Send = { sentAt: number; countedAt: number };

/** In order of sending; those before `head` are forgotten. */
export type Sends = { items: Send[]; head: number };

const COMPACT_AT = 1_024;

/** Forgets what was counted at or before `until`. */
export function trimSends(sends: Sends, until: number): void {
  while (sends.head < sends.items.length && (sends.items[sends.head]?.countedAt ?? 0) <= until) sends.head++;
  if (sends.head > COMPACT_AT) {
    sends.items.splice(0, sends.head);
    sends.head = 0;
  }
}

/** How many were counted after `since`. */
export function countSince(sends: Sends, since: number): number {
  let count = 0;
  for (let i = sends.items.length - 1; i >= sends.head && (sends.items[i]?.countedAt ?? 0) > since; i--) count++;
  return count;
}
