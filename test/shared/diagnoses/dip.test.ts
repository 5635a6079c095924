import { expect, test } from 'vitest';
import { findDip } from '../../../shared/diagnoses/dip.ts';

const FROM = 1_000_000;
const BINS = 360;

function row(caller: string | null, requests: (bin: number) => number) {
  const perTenSeconds = Array.from({ length: BINS }, (_, bin) => requests(bin));
  return { caller, fromSecond: FROM, perTenSeconds, failedPerTenSeconds: perTenSeconds.map(() => 0) };
}

/** Falls to a share of the usual ten from bin 200 to 220. */
function falls(caller: string, to: number) {
  return row(caller, (bin) => (bin >= 200 && bin < 220 ? 10 * to : 10));
}

const UNTIL = { untilSecond: FROM + 2_250, lagSeconds: 300 };

test('finds when callers fell together, how far, and what went unanswered meanwhile', () => {
  const orphans = row(null, (bin) => (bin >= 200 && bin < 220 ? 3 : 0));
  expect(findDip([falls('a', 0), falls('b', 0.1), row('c', () => 10), orphans], UNTIL)).toEqual({
    fromSecond: FROM + 2_000,
    toSecond: FROM + 2_200,
    fallen: ['a', 'b'],
    fallenShare: expect.closeTo(2 / 3),
    fall: expect.closeTo(0.95),
    orphans: 60,
    orphansBefore: 0,
  });
});

test.each([
  ['half', 0.5, 1],
  ['a little more than half', 0.51, 0],
])('a caller that keeps %s of its requests: %d of them makes %i fallen', (_what, to, fallen) => {
  expect(findDip([falls('a', to)], UNTIL)?.fallen.length ?? 0).toBe(fallen);
});

test('silence of a caller that hardly asks is chance', () => {
  expect(findDip([row('rare', (bin) => (bin % 50 === 0 ? 1 : 0))], UNTIL)).toBeNull();
});

test('a fall that was over long before is none of these', () => {
  expect(findDip([falls('a', 0)], { untilSecond: FROM + 3_300, lagSeconds: 300 })).toBeNull();
});

test('what was usual has to be known', () => {
  const late = [row('a', (bin) => (bin < 25 ? 10 : 0))];
  expect(findDip(late, { untilSecond: FROM + 290, lagSeconds: 300 })).toBeNull();
});

test('finds nothing where nothing was read', () => {
  expect(findDip([], UNTIL)).toBeNull();
});
