import { expect, test } from 'vitest';
import { createMemoryRecords } from '../../shared/adapters/memory/records.ts';
import { fakeClock } from '../kit.ts';
import { dead, denied, faulty, lost, slow } from './faulty.ts';

const key = { partition: 'p', id: 'a' };

test.each([
  ['dead', dead, 'unavailable'],
  ['denied', denied, 'denied'],
])('a %s dependency refuses the chosen call and does nothing', async (_what, fault, kind) => {
  const records = createMemoryRecords();
  const weak = faulty(records, (method, nth) => (method === 'put' && nth === 2 ? fault() : undefined));
  const revision = await weak.put(key, { n: 1 }, 'absent');
  await expect(weak.put(key, { n: 2 }, revision)).rejects.toMatchObject({ kind });
  expect(await weak.get(key)).toMatchObject({ value: { n: 1 } });
  expect(await weak.put(key, { n: 3 }, revision)).not.toBe('conflict');
});

test('a slow dependency answers when its time has come', async () => {
  const clock = fakeClock();
  const weak = faulty(createMemoryRecords(), () => slow(clock, 1_000));
  const reading = weak.get(key);
  clock.advance(1_000);
  expect(await reading).toBeNull();
});

test('a lost answer leaves the write in place', async () => {
  const records = createMemoryRecords();
  const weak = faulty(records, () => lost());
  await expect(weak.put(key, { n: 1 }, 'absent')).rejects.toMatchObject({ kind: 'timed-out' });
  expect(await records.get(key)).toMatchObject({ value: { n: 1 } });
});
