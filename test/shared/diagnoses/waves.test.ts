import { expect, test } from 'vitest';
import { wavesOf } from '../../../shared/diagnoses/waves.ts';

/** Two hundred seconds in which so many start at each of these. */
function starts(...at: [second: number, count: number][]): number[] {
  const series = Array.from({ length: 200 }, () => 0);
  for (const [second, count] of at) series[second] = (series[second] ?? 0) + count;
  return series;
}

/** Three times so many each second for so long, from one beginning to the next. */
function repeated(count: number, lastS: number, everyS: number): [second: number, count: number][] {
  return [0, 1, 2].flatMap((wave) =>
    Array.from({ length: lastS }, (_, second): [number, number] => [10 + wave * everyS + second, count]),
  );
}

test('as many starts again and again are waves, each as wide as its instances are apart', () => {
  const series = starts([10, 8], [12, 4], [30, 5], [33, 3], [37, 4], [70, 6], [74, 6]);
  expect(wavesOf(series)).toEqual({ size: 12, waves: 3, gapSeconds: 30, from: 10, to: 75 });
});

test.each<[string, [number, number][], number | null]>([
  [
    'three of the same',
    [
      [10, 9],
      [40, 9],
      [90, 9],
    ],
    3,
  ],
  [
    'two',
    [
      [10, 9],
      [40, 9],
    ],
    null,
  ],
  [
    'three, one of less than six in ten',
    [
      [10, 10],
      [40, 5],
      [90, 10],
    ],
    null,
  ],
  [
    'three, one of six in ten',
    [
      [10, 10],
      [40, 6],
      [90, 10],
    ],
    3,
  ],
  [
    'three of a handful',
    [
      [10, 4],
      [40, 4],
      [90, 4],
    ],
    null,
  ],
  [
    'three, and more in between',
    [
      [10, 9],
      [25, 4],
      [40, 9],
      [90, 9],
    ],
    null,
  ],
  ['starts that come all the time', Array.from({ length: 180 }, (_, second) => [second, 3]), null],
  ['many, with two seconds of silence between', repeated(13, 10, 12), 3],
  ['many, with one second of silence, which may be the log', repeated(13, 11, 12), null],
  ['few, with a silence that chance leaves', repeated(12, 10, 12), null],
  ['none', [], null],
])('%s', (_what, at, waves) => {
  expect(wavesOf(starts(...at))?.waves ?? null).toBe(waves);
});
