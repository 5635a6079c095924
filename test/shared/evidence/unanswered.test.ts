import { expect, test } from 'vitest';
import { identity } from '../../../shared/evidence/identity.ts';
import { unansweredIn } from '../../../shared/evidence/unanswered.ts';
import type { Reading, Window } from '../../../shared/model.ts';
import { TO } from './kit.ts';

function read(caller: string | null, challenges: number, window: Window = 'incident', kind = 'challenges'): Reading {
  const rows = [{ caller, challenges, addresses: 1, most60s: 1 }];
  return { kind, store: 'a', window, readAt: TO, state: 'read', rows, truncated: false, completeness: null };
}

test.each<[string, Reading[], number]>([
  ['of nobody', [read(null, 3), read(null, 2)], 5],
  ['that a caller went on from', [read('app-a', 9)], 0],
  ['of another time', [read(null, 9, 'day-before')], 0],
  ['of another kind', [read(null, 9, 'incident', 'callers')], 0],
  ['that could not be read', [], 0],
])('challenges %s: %#', (_what, readings, count) => {
  expect(unansweredIn(readings)).toBe(count);
});

test('sign-ins are worth a question from five of them on', () => {
  expect([4, 5].map((count) => identity.when?.([read(null, count)]))).toEqual([false, true]);
});
