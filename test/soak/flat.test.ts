import { describe, expect, test } from 'vitest';
import { seededRandom } from '../kit.ts';
import { risesIn, type Sample, trendOf } from './flat.ts';

const MB = 1_048_576;

function samples(heapAt: (i: number) => number, more: (i: number) => Partial<Sample> = () => ({})): Sample[] {
  return Array.from({ length: 60 }, (_, i) => ({
    ...{ atMs: i * 1_000, heapBytes: heapAt(i), handles: 10, descriptors: 20 },
    ...more(i),
  }));
}

describe('a run of an hour', () => {
  const noise = seededRandom(5);
  test.each<[string, Sample[], RegExp | null]>([
    ['that stays', samples(() => 40 * MB), null],
    ['that breathes by a tenth', samples(() => (40 + 4 * noise()) * MB), null],
    ['that warms up and then stays', samples((i) => (i < 18 ? 20 + i : 38) * MB), null],
    ['with one look at a bad moment', samples((i) => (i === 59 ? 90 : 40) * MB), null],
    ['that falls', samples((i) => (60 - i / 2) * MB), null],
    ['that leaks 2.5 MB', samples((i) => (40 + i / 15) * MB), /heap rises by 2\.6 MB/],
    ['that leaks beneath its breath', samples((i) => (40 + i / 10 + 4 * noise()) * MB), /heap rises/],
    [
      'that keeps a handle every five looks',
      samples(
        () => 40 * MB,
        (i) => ({ handles: 10 + i / 5 }),
      ),
      /^handles rise/,
    ],
    [
      'that keeps files open',
      samples(
        () => 40 * MB,
        (i) => ({ descriptors: 20 + i }),
      ),
      /^descriptors rise/,
    ],
  ])('%s', (_what, run, problem) => {
    expect(risesIn(run)).toEqual(problem === null ? [] : [expect.stringMatching(problem)]);
  });

  test('of too few looks says nothing, and says so', () => {
    expect(risesIn(samples(() => 1).slice(0, 5))).toEqual([expect.stringMatching(/run it longer/)]);
  });
});

test('a trend is that of the settled part', () => {
  expect(trendOf([0, 0, 0, 10, 11, 12, 13, 14, 15])).toEqual({ from: 10, to: 15, growth: 5 });
});
