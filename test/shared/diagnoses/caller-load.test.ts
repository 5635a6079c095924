import { expect, test } from 'vitest';
import { climbOf } from '../../../shared/diagnoses/caller-load.ts';

const FROM = 1_000_000;

/** An hour in bins of 10 s. */
function hour(requests: (bin: number) => number) {
  const perTenSeconds = Array.from({ length: 360 }, (_, bin) => requests(bin));
  return [{ caller: 'app', fromSecond: FROM, perTenSeconds, failedPerTenSeconds: perTenSeconds.map(() => 0) }];
}

function climb(requests: (bin: number) => number, onsetBin: number, rhythmSeconds = 0) {
  const found = climbOf(hour(requests), { caller: 'app', onsetSecond: FROM + 10 * onsetBin, rhythmSeconds });
  return typeof found === 'number' ? (found - FROM) / 10 : found;
}

test.each([
  ['a load that doubles', (bin: number) => (bin < 200 ? 10 : 21), 205, 0, 200],
  ['a climb some minutes before the refusals', (bin: number) => (bin < 150 ? 5 : 50), 200, 0, 150],
  ['a load that was as large all along', () => 20, 200, 0, 'always'],
  ['one that grew by less than twice', (bin: number) => (bin < 200 ? 10 : 19), 205, 0, 'always'],
  ['rounds that came all along', (bin: number) => (bin % 30 === 0 ? 900 : 1), 210, 300, 'always'],
  ['rounds that began with the refusals', (bin: number) => (bin >= 210 && bin % 30 === 0 ? 900 : 1), 210, 301, 210],
  ['a log that begins too late to say', (bin: number) => (bin < 40 ? 10 : 100), 50, 0, null],
])('%s', (_what, requests, onsetBin, rhythmSeconds, expected) => {
  expect(climb(requests, onsetBin, rhythmSeconds)).toBe(expected);
});

test('says nothing of a caller that is not among the busiest', () => {
  expect(
    climbOf(
      hour(() => 1),
      { caller: 'other', onsetSecond: FROM + 2_000, rhythmSeconds: 0 },
    ),
  ).toBeNull();
});
