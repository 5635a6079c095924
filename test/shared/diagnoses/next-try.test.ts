import { expect, test } from 'vitest';
import { nextTriesOf } from '../../../shared/diagnoses/next-try.ts';
import { doubles, givesUp, pause, tries } from './tries.ts';

const LOOP = pause(300, 4);

test('a loop alone with its need comes back after the same wait, whatever follows answers', () => {
  const { afterRefused, afterAnswered } = nextTriesOf([tries(LOOP, { needs: 2_000, everyMs: 60_000 })], 'app');
  expect(afterRefused.medianMs).toBeCloseTo(308, -1);
  expect(afterRefused.spread).toBeLessThan(0.2);
  expect(afterAnswered.medianMs).toBeGreaterThan(10_000);
});

test.each([
  ['waits that double', tries(doubles, { needs: 2_000, everyMs: 60_000 })],
  ['chance, where nobody asks again', tries(givesUp)],
])('%s are spread widely', (_what, row) => {
  expect(nextTriesOf([row], 'app').afterRefused.spread).toBeGreaterThan(0.6);
});

test('callers are kept apart, and one who asked nothing twice has no waits', () => {
  const rows = [tries(LOOP), tries(givesUp, { caller: 'other' })];
  expect(nextTriesOf(rows, 'app')).not.toEqual(nextTriesOf(rows, 'other'));
  expect(nextTriesOf(rows, 'nobody').afterRefused).toEqual({ count: 0, medianMs: 0, spread: 0 });
});
