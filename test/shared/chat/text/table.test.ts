import fc from 'fast-check';
import { expect, test } from 'vitest';
import { alignTable } from '../../../../shared/chat/text/table.ts';
import { widthOf } from '../../../../shared/chat/text/width.ts';
import { text } from '../hostile.ts';

test('aligns its columns by width', () => {
  const table = { columns: ['caller', 'requests'], rows: [['orders-api', '1,240'], ['漢字', '3'], ['short']] };
  expect(alignTable(table, 80)).toEqual([
    'caller      requests',
    '──────────  ────────',
    'orders-api  1,240',
    '漢字        3',
    'short',
  ]);
});

test('takes from the widest column first', () => {
  expect(alignTable({ columns: ['a', 'b'], rows: [['x'.repeat(30), 'y']] }, 20)[2]).toBe(`${'x'.repeat(16)}…  y`);
});

test('has no lines without columns', () => {
  expect(alignTable({ columns: [], rows: [['a']] }, 80)).toEqual([]);
});

test('is never wider than it may be', () => {
  const table = fc.record({
    columns: fc.array(text, { maxLength: 20 }),
    rows: fc.array(fc.array(text, { maxLength: 6 }), { maxLength: 6 }),
  });
  fc.assert(
    fc.property(table, fc.integer({ min: 40, max: 100 }), (any, columns) => {
      expect(alignTable(any, columns).filter((line) => widthOf(line) > columns)).toEqual([]);
    }),
    { numRuns: 50 },
  );
});
