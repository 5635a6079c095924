import { expect, test } from 'vitest';
import { type Knocker, knockAfterWindows } from '../../../shared/pacing/knocking.ts';

const knocker = (over: Partial<Knocker> = {}): Knocker => ({
  refusals: 2,
  wasServed: true,
  ageWindows: 1,
  draw: 0.5,
  ...over,
});

test('whose very first request was refused comes back when it falls out of the window', () => {
  for (const draw of [0, 0.5, 0.99])
    expect(knockAfterWindows(knocker({ refusals: 1, wasServed: false, draw }))).toBe(1);
});

test.each<[string, Partial<Knocker>, 'longer' | 'shorter' | 'as long', Partial<Knocker>]>([
  ['waits longer when it was refused again', { refusals: 2 }, 'longer', { refusals: 1 }],
  ['waits no longer after the first few', { refusals: 6 }, 'as long', { refusals: 2 }],
  ['waits longer again when a storm lasts', { refusals: 20 }, 'longer', { refusals: 6 }],
  ['waits longer when it has had nothing yet', { wasServed: false }, 'longer', { wasServed: true }],
  ['goes first when it has waited for long', { ageWindows: 6 }, 'shorter', { ageWindows: 1 }],
  ['does not go first without bound', { ageWindows: 9 }, 'as long', { ageWindows: 90 }],
])('who holds no place %s', (_what, one, is, other) => {
  const difference = knockAfterWindows(knocker(one)) - knockAfterWindows(knocker(other));
  expect(Math.sign(difference)).toBe({ longer: 1, shorter: -1, 'as long': 0 }[is]);
});

test('no two draws are further apart than five thirds', () => {
  const ratio = knockAfterWindows(knocker({ draw: 1 })) / knockAfterWindows(knocker({ draw: 0 }));
  expect(ratio).toBeCloseTo(5 / 3);
});
