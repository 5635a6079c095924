import { expect, test } from 'vitest';
import { fixedPause, givesUp, LANGUAGE_RETRY, type Retry } from '../../../simulation/callers/retry.ts';

const middle = () => 0.5;

function waits(retry: Retry): (number | null)[] {
  return [1, 2, 3, 4, 5].map((refusals) => {
    const waitMs = retry(refusals, middle);
    return waitMs === null ? null : Math.round(waitMs);
  });
}

test.each<[keyof typeof LANGUAGE_RETRY, (number | null)[]]>([
  ['net', [800, 1600, 3200, null, null]],
  ['java', [800, 1600, 3200, null, null]],
  ['python', [0, 1600, 3200, 6400, 12_800]],
  ['javascript', [null, null, null, null, null]],
  ['go', [840, 2520, 5880, null, null]],
])('the client of %s waits by default as its library says', (language, expected) => {
  expect(waits(LANGUAGE_RETRY[language])).toEqual(expected);
});

test('python gives up after ten retries', () => {
  expect(LANGUAGE_RETRY.python(10, middle)).toBe(120_000);
  expect(LANGUAGE_RETRY.python(11, middle)).toBeNull();
});

test('a fixed pause stays the same until it gives up', () => {
  expect(waits(fixedPause(200, 3))).toEqual([200, 200, 200, null, null]);
  expect(waits(givesUp)).toEqual([null, null, null, null, null]);
});
