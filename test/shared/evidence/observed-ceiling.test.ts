import { expect, test } from 'vitest';
import { observedCeiling } from '../../../shared/evidence/observed-ceiling.ts';
import type { TimelineRow } from '../../../shared/evidence/timeline.ts';

function rows(served: number[], refused: number[]): TimelineRow[] {
  return [
    { class: 'secret', outcome: 'served', fromSecond: 0, perSecond: served },
    { class: 'secret', outcome: 'refused', fromSecond: 0, perSecond: refused },
  ];
}

test('is what was served in windows that lie wholly inside refusals', () => {
  const served = [0, 0, ...new Array(12).fill(400), 9_000];
  const refused = [0, 0, ...new Array(12).fill(5), 0];
  expect(observedCeiling(rows(served, refused), 'secret', 10)).toEqual({ median: 4000, p10: 4000, p90: 4000 });
});

test.each([
  ['fewer than three such windows', 11],
  ['refusals shorter than a window', 9],
])('is unknown with %s', (_what, seconds) => {
  const steady = new Array(seconds).fill(7);
  expect(observedCeiling(rows(steady, steady), 'secret', 10)).toBeNull();
});

test('is unknown where refusals are broken by a quiet second', () => {
  const refused = Array.from({ length: 60 }, (_, second) => (second % 9 === 0 ? 0 : 3));
  expect(observedCeiling(rows(new Array(60).fill(10), refused), 'secret', 10)).toBeNull();
});

test('is unknown for a class that was not asked', () => {
  expect(observedCeiling(rows([1], [1]), 'key', 10)).toBeNull();
});
