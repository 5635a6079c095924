/** Everything that can be done with each kind of store, once: what each sends for it stands in the tests beside this. */
import type { PayloadStore, Queue, Records } from '../../shared/ports.ts';

const KEY = { partition: 'p', id: 'a' };
const MESSAGE = { v: 1, incidentId: 'abcdefgh' } as const;
const VISIBLE_MS = 30_000;

export async function useRecords(records: Records): Promise<void> {
  const made = await records.put(KEY, { v: 1 }, 'absent');
  const changed = await records.put(KEY, { v: 2 }, made);
  await records.get(KEY);
  await records.list(KEY.partition);
  await records.delete(KEY, changed);
}

/** Makes both queues, and a dead letter in one. */
export async function buryOne(queue: Queue): Promise<void> {
  await queue.send(MESSAGE);
  const [delivery] = await queue.receive({ max: 1, visibilityMs: VISIBLE_MS });
  if (delivery === undefined) throw new Error('the queue gave nothing');
  await delivery.bury('a test');
}

/** What can be done where the platform takes the messages; one is dead by then. */
export async function useQueue(queue: Queue): Promise<void> {
  await queue.send(MESSAGE);
  await queue.depth();
  const [letter] = await queue.dead(10);
  if (letter === undefined) throw new Error('no message is dead');
  await letter.remove();
}

export async function usePayloads(payloads: PayloadStore): Promise<void> {
  await payloads.put('one', new Uint8Array([1]));
  await payloads.get('one');
  await payloads.olderThan(new Date(0).toISOString(), 10);
  await payloads.delete('one');
}
