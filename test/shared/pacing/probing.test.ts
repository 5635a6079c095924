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

test('each refused probe puts the next one off, and never beyond the longest wait', () => {
  const outlook = { ageWindows: 1, waiting: 40, held: 4 };
  const waits = Array.from({ length: 30 }, (_, refused) => probeAfterWindows(outlook, refused, 0.5));
  for (let i = 1; i < waits.length; i++) expect(waits[i]).toBeGreaterThanOrEqual(waits[i - 1] ?? 0);
  expect(waits.at(-1)).toBe(7.5);
  expect(waits[1]).toBeGreaterThan(waits[0] ?? 0);
});
