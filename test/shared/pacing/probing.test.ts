import { expect, test } from 'vitest';
import { isContent, isSmallRest, probeAfterWindows } from '../../../shared/pacing/probing.ts';

test.each([
  ['few are left: a probe may end the start', { ageWindows: 1, waiting: 3, held: 4 }, true, false],
  ['five windows in all are enough', { ageWindows: 1, waiting: 16, held: 4 }, false, true],
  ['more are not', { ageWindows: 1.1, waiting: 16, held: 4 }, false, false],
  ['with one or two places a little more is', { ageWindows: 1.5, waiting: 8, held: 2 }, false, true],
])('%s', (_what, outlook, small, content) => {
  expect(isSmallRest(outlook)).toBe(small);
  expect(isContent(outlook)).toBe(content);
});

test.each([
  ['sooner the more waits', { ageWindows: 1, waiting: 40, held: 4 }, { ageWindows: 1, waiting: 30, held: 4 }],
  ['sooner the longer it has waited', { ageWindows: 4, waiting: 16, held: 4 }, { ageWindows: 2, waiting: 16, held: 4 }],
  ['sooner with many places', { ageWindows: 1, waiting: 60, held: 10 }, { ageWindows: 1, waiting: 12, held: 2 }],
])('a process probes %s', (_what, sooner, later) => {
  expect(probeAfterWindows(sooner, 0, 0.5)).toBeLessThan(probeAfterWindows(later, 0, 0.5));
});

test('each refused probe puts the next one off, up to four times as long', () => {
  const outlook = { ageWindows: 1, waiting: 40, held: 4 };
  const waits = [0, 1, 2, 3, 30].map((refused) => probeAfterWindows(outlook, refused, 0.5));
  const first = waits[0] ?? 0;
  expect(waits).toEqual([first, 2 * first, 4 * first, 4 * first, 4 * first]);
});

test('who has waited for long is put off less, and at last not at all', () => {
  const putOff = [1, 3, 6, 12, 24].map((ageWindows) => {
    const outlook = { ageWindows, waiting: 40, held: 4 };
    return probeAfterWindows(outlook, 5, 0.5) / probeAfterWindows(outlook, 0, 0.5);
  });
  expect(putOff).toEqual([4, 4, 2, 1, 1]);
});

test('no probe is put off beyond the longest wait', () => {
  expect(probeAfterWindows({ ageWindows: 1, waiting: 8, held: 4 }, 30, 0.5)).toBe(7.5);
});
