/** Ascending times, epoch ms; those before `head` are forgotten. */
export type Sends = { times: number[]; head: number };

const COMPACT_AT = 1_024;

/** Forgets times at or before `until`. */
export function trimSends(sends: Sends, until: number): void {
  while (sends.head < sends.times.length && (sends.times[sends.head] ?? 0) <= until) sends.head++;
  if (sends.head > COMPACT_AT) {
    sends.times.splice(0, sends.head);
    sends.head = 0;
  }
}

/** How many times lie after `since`. */
export function countSince(sends: Sends, since: number): number {
  let count = 0;
  for (let i = sends.times.length - 1; i >= sends.head && (sends.times[i] ?? 0) > since; i--) count++;
  return count;
}
