import { expect, test } from 'vitest';
import { secretGet } from '../../../simulation/callers/instance.ts';
import { keepDataKeys, keepValues } from '../../../simulation/callers/keep.ts';

const never = (): number => 0;

test('a value is kept for its time, and a fresh process has none', () => {
  const keep = keepValues(60_000, 0, never);
  expect(keep.holds(secretGet('a'), 1)).toBe(false);
  keep.put(secretGet('a'), 1_000);
  expect([keep.holds(secretGet('a'), 60_999), keep.holds(secretGet('a'), 61_000)]).toEqual([true, false]);
  expect(keep.holds({ name: 'SecretSet', path: '/secrets/a' }, 2_000)).toBe(false);
  keep.put(secretGet('a'), 70_000);
  keep.clear();
  expect(keep.holds(secretGet('a'), 71_000)).toBe(false);
});

test('a process that ran before the log holds what expires within the first period', () => {
  const keep = keepValues(60_000, 5_000, () => 0.5);
  expect([keep.holds(secretGet('a'), 34_999), keep.holds(secretGet('a'), 35_000)]).toEqual([true, false]);
});

test.each<[string, boolean, boolean]>([
  ['KeyVerify', true, true],
  ['KeyEncrypt', true, true],
  ['KeyWrap', true, true],
  ['KeyUnwrap', false, true],
  ['KeyDecrypt', false, true],
  ['KeySign', false, false],
])('%s is done locally by a fresh process at first (%s) and the second time (%s)', (name, first, second) => {
  const keep = keepDataKeys();
  keep.clear();
  const operation = { name, path: '/keys/k/v/op', item: '7' };
  expect(keep.holds(operation, 1)).toBe(first);
  keep.put(operation, 1);
  expect(keep.holds(operation, 2)).toBe(second);
  expect(keep.holds({ ...operation, item: '8' }, 2)).toBe(first);
});

test('a process that ran before the log has unwrapped each of its data keys', () => {
  const keep = keepDataKeys();
  expect(keep.holds({ name: 'KeyUnwrap', path: '/keys/k/v/unwrapkey', item: '7' }, 1)).toBe(true);
  expect(keep.holds({ name: 'KeySign', path: '/keys/k/v/sign' }, 1)).toBe(false);
});
