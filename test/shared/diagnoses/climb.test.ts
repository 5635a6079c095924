import { expect, test } from 'vitest';
import { climbIn, climbSince } from '../../../shared/diagnoses/climb.ts';
import type { Storm } from '../../../shared/diagnoses/storm.ts';

const FROM = 1_000_000;

/** An hour in bins of 10 s. */
function hour(requests: (bin: number) => number) {
  const perTenSeconds = Array.from({ length: 360 }, (_, bin) => requests(bin));
  return [{ caller: 'app', fromSecond: FROM, perTenSeconds, failedPerTenSeconds: perTenSeconds.map(() => 0) }];
}

/** Refusals from that bin on, around which nothing more is known of the caller. */
function refusedFrom(bin: number): Storm {
  const counts = { class: 'secret', served: 0, refused: 1, callers: [], load: [], max: null, baseline: null };
  return { ...counts, onsetSecond: FROM + 10 * bin, lastSecond: FROM + 10 * bin + 60 };
}

function climb(requests: (bin: number) => number, onsetBin: number, rhythmSeconds = 0) {
  const found = climbSince(refusedFrom(onsetBin), hour(requests), { caller: 'app', rhythmSeconds });
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
  const rows = hour(() => 1);
  expect(climbSince(refusedFrom(200), rows, { caller: 'other', rhythmSeconds: 0 })).toBeNull();
});

/** Five minutes and more around the refusals, second by second. */
function seconds(requests: (second: number) => number): number[] {
  return Array.from({ length: 420 }, (_, second) => requests(second));
}

test.each<[string, (second: number) => number, number | null]>([
  ['at once', (second) => (second < 305 ? 1 : 40), 305],
  ['little by little', (second) => (second < 200 ? 1 : 1 + (second - 200) / 5), 212],
  ['from nothing', (second) => (second < 133 ? 0 : 9), 133],
  ['after the first refusal as well', (second) => (second < 390 ? 2 : 80), 390],
  ['in rounds, with the first', (second) => (second >= 240 && second % 40 < 5 ? 60 : 0), 240],
  ['with what was there from the start', () => 30, null],
  ['within the first minute, before which nothing is known', (second) => (second < 45 ? 1 : 90), null],
  ['by less than twice', (second) => (second < 300 ? 50 : 90), null],
  ['to a handful, which is chance', (second) => (second < 300 ? 0 : second % 3 === 0 ? 1 : 0), null],
])('a load climbs %s', (_what, requests, expected) => {
  expect(climbIn(seconds(requests))).toBe(expected);
});
