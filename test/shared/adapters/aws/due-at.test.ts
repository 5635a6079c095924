import fc from 'fast-check';
import { expect, test } from 'vitest';
import { remainingMs, splitDelay } from '../../../../shared/adapters/aws/due-at.ts';

const NOW_MS = Date.parse('2026-11-20T14:00:00.000Z');

test.each([
  [0, 0, null],
  [1, 1, null],
  [1_000, 1, null],
  [1_001, 2, null],
  [900_000, 900, null],
  [900_001, 900, NOW_MS + 900_001],
  [1_200_000, 900, NOW_MS + 1_200_000],
])('a delay of %s ms is %s s in SQS, and due at %s', (delayMs, delaySeconds, dueAtMs) => {
  expect(splitDelay(delayMs, NOW_MS)).toEqual({ delaySeconds, dueAtMs });
});

test.each([
  [undefined, 0],
  ['', 0],
  ['soon', 0],
  ['NaN', 0],
  [String(NOW_MS), 0],
  [String(NOW_MS - 1), 0],
  [String(NOW_MS + 1), 1],
])('what is due at %j has %s ms left', (dueAt, leftMs) => {
  expect(remainingMs(dueAt, NOW_MS)).toBe(leftMs);
});

test('any delay ends after it has passed and less than 2 s later, whatever SQS adds of its own', () => {
  const delay = fc.integer({ min: 0, max: 7 * 86_400_000 });
  fc.assert(
    fc.property(delay, fc.integer({ min: 0, max: 900 }), (delayMs, lateMs) => {
      let nowMs = NOW_MS;
      let leftMs = delayMs;
      for (let sendings = 0; sendings < 700; sendings += 1) {
        const { delaySeconds, dueAtMs } = splitDelay(leftMs, nowMs);
        nowMs += delaySeconds * 1_000 + (leftMs > 0 ? lateMs : 0);
        leftMs = remainingMs(dueAtMs === null ? undefined : String(dueAtMs), nowMs);
        if (leftMs === 0) break;
      }
      expect(nowMs - NOW_MS).toBeGreaterThanOrEqual(delayMs);
      expect(nowMs - NOW_MS).toBeLessThan(delayMs + 2_000);
    }),
  );
});
