import { expect, test } from 'vitest';
import { leastSquares } from '../../../shared/diagnoses/least-squares.ts';
import { seededRandom } from '../../../simulation/random.ts';

const random = seededRandom(7, 'noise');
const rows = Array.from({ length: 400 }, (_, index) => [1, index / 100, index % 7 === 0 ? 1 : 0]);
const noise = rows.map(() => random() - 0.5);

function seen(factor: number, errors: readonly number[]): number[] {
  return rows.map(
    ([one = 0, slope = 0, week = 0], index) => 3 * one - 2 * slope + 5 * week + factor * (errors[index] ?? 0),
  );
}

test('gives back what was mixed in, and any sum of it', () => {
  const fit = leastSquares(rows, seen(0, noise), 0);
  expect(fit?.sum([1])).toBeCloseTo(3);
  expect(fit?.sum([0, 1])).toBeCloseTo(-2);
  expect(fit?.sum([0, 1, 1])).toBeCloseTo(3);
  expect(fit?.error([0, 1, 1])).toBeCloseTo(0);
});

test('is as sure as the noise lets it be, and less where noise comes in stretches', () => {
  const fit = leastSquares(rows, seen(1, noise), 5);
  expect(Math.abs((fit?.sum([1]) ?? 0) - 3)).toBeLessThan(4 * (fit?.error([1]) ?? 0));
  expect(fit?.error([1])).toBeLessThan(0.05);
  const stretches = leastSquares(
    rows,
    seen(
      1,
      rows.map((_, index) => noise[Math.floor(index / 10)] ?? 0),
    ),
    10,
  );
  expect(stretches?.error([1])).toBeGreaterThan(1.5 * (fit?.error([1]) ?? 1));
});

test.each([
  ['columns that are made of each other', rows.map(([one = 0]) => [one, 2 * one])],
  ['no columns', rows.map(() => [])],
  ['too few rows', rows.slice(0, 8)],
])('says nothing of %s', (_what, few) => {
  expect(leastSquares(few, seen(0, noise), 0)).toBeNull();
});
