import { expect, test } from 'vitest';
import { createGate, type VaultLimit } from '../../simulation/limit.ts';

const LIMIT: VaultLimit = { requests: 3, windowMs: 10_000, shape: 'sliding', countsRefused: false };

function admitted(limit: Partial<VaultLimit>, times: readonly number[]): string {
  const gate = createGate({ ...LIMIT, ...limit });
  return times.map((time) => (gate(time) ? '+' : '-')).join('');
}

test.each<[string, Partial<VaultLimit>, number[], string]>([
  ['slides: room comes back one by one', {}, [0, 4_000, 8_000, 9_999, 10_000, 10_001, 14_000], '+++-+-+'],
  [
    'slides and counts refusals: asking keeps it shut',
    { countsRefused: true },
    [0, 1, 2, 9_000, 9_001, 9_002, 10_001, 19_002],
    '+++----+',
  ],
  [
    'begins anew with each window',
    { shape: 'fixed' },
    [9_000, 9_001, 9_002, 9_003, 10_000, 10_001, 10_002, 10_003],
    '+++-+++-',
  ],
  ['begins anew even when refusals count', { shape: 'fixed', countsRefused: true }, [0, 1, 2, 3, 4, 10_000], '+++--+'],
])('a limit that %s', (_what, limit, times, expected) => {
  expect(admitted(limit, times)).toBe(expected);
});

test('a sliding limit forgets what has left its window, however long it runs', () => {
  const gate = createGate(LIMIT);
  let count = 0;
  for (let time = 0; time < 1_000_000; time += 2) if (gate(time)) count++;
  expect(count).toBe(3 * 100);
});

test.each<['sliding' | 'fixed', string]>([
  ['sliding', '++-+-'],
  ['fixed', '++-+-'],
])('a %s limit takes as much of a window as a request weighs', (shape, expected) => {
  const gate = createGate({ ...LIMIT, requests: 9, shape });
  const weights = [4, 4, 4, 1, 1];
  expect(weights.map((weight, index) => (gate(index, weight) ? '+' : '-')).join('')).toBe(expected);
});
