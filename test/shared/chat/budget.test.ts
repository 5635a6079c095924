import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keepWithin, type Part } from '../../../shared/chat/budget.ts';

const atMost = (count: number) => (kept: readonly string[]) => kept.length <= count;

test('drops from the end of the least important part, and keeps the order', () => {
  const parts: Part<string>[] = [
    { rank: 1, items: ['a'] },
    { rank: 3, items: ['c1', 'c2'] },
    { rank: 2, items: ['b1', 'b2'] },
  ];
  expect(keepWithin(parts, atMost(4))).toEqual({ kept: ['a', 'c1', 'b1', 'b2'], shortened: true });
  expect(keepWithin(parts, atMost(2))).toEqual({ kept: ['a', 'b1'], shortened: true });
  expect(keepWithin(parts, atMost(5))).toEqual({ kept: ['a', 'c1', 'c2', 'b1', 'b2'], shortened: false });
});

test('drops a whole part where half of it would mislead, and no heading stays alone', () => {
  const chart: Part<string> = { rank: 2, items: ['1', '2', '3'], whole: true };
  expect(keepWithin([{ rank: 1, items: ['a'] }, chart], atMost(3)).kept).toEqual(['a']);
  const titled: Part<string> = { rank: 2, items: ['Title', 'x', 'y'], heads: 1 };
  expect(keepWithin([{ rank: 1, items: ['a'] }, titled], atMost(3)).kept).toEqual(['a', 'Title', 'x']);
  expect(keepWithin([{ rank: 1, items: ['a'] }, titled], atMost(2)).kept).toEqual(['a']);
});

test('never drops what matters most, and always ends', () => {
  const part = fc.record({ rank: fc.integer({ min: 1, max: 9 }), items: fc.array(fc.string()) });
  fc.assert(
    fc.property(fc.array(part), fc.nat(20), (parts, max) => {
      const { kept } = keepWithin(parts, atMost(max));
      const most = parts.filter(({ rank }) => rank === 1).flatMap(({ items }) => items);
      expect(kept.length).toBeLessThanOrEqual(Math.max(max, most.length));
      expect(most.every((item) => kept.includes(item))).toBe(true);
    }),
  );
});
