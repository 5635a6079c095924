import { expect, test } from 'vitest';
import type { AttemptRow } from '../../../../shared/evidence/attempts.ts';
import { pieceOf } from '../../../../shared/fixes/what-if/pieces.ts';

const TOOK_MS = 15;
const UNTIL_MS = 60_000;

function row(atMs: readonly number[]): AttemptRow {
  const same = (value: number): number[] => atMs.map(() => value);
  return {
    ...{ caller: 'a', class: 'secret', fromSecond: 0, logSecond: 0, atMs: [...atMs], address: same(1) },
    ...{ target: same(1), status: same(200), durationMs: same(TOOK_MS), work: same(0) },
  };
}

/** A piece of work every second, of so many reads that each begin so long after the one before. */
function pieces(reads: number, stepMs: number): number[] {
  return Array.from({ length: 60 }, (_, second) =>
    Array.from({ length: reads }, (_each, nth) => 1000 * second + stepMs * nth),
  ).flat();
}

test('a piece of work is what follows each answer at once, and how long its steps take', () => {
  expect(pieceOf(row(pieces(3, 40)), UNTIL_MS)).toEqual({ reads: 3, stepMs: { p50: 40, p90: 40 } });
});

test.each<[string, number[]]>([
  ['reads that stand alone', pieces(1, 0)],
  ['reads that are asked at once', pieces(3, 2)],
  ['too few reads', pieces(3, 40).slice(0, 30)],
  ['reads that come by chance as often later as at once', Array.from({ length: 400 }, (_, nth) => 150 * nth)],
  ['steps that take too long', pieces(3, 300)],
])('%s make no piece', (_what, atMs) => {
  expect(pieceOf(row(atMs), UNTIL_MS)).toBeNull();
});

test('what comes after the first refusal is not looked at', () => {
  const later = Array.from({ length: 500 }, (_, nth) => UNTIL_MS + 20 * nth);
  expect(pieceOf(row([...pieces(2, 40), ...later]), UNTIL_MS)?.reads).toBe(2);
});
