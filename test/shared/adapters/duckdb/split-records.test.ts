import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  BROKEN_LINE,
  cutLineFinder,
  lineSplitter,
  RECORD_CHARACTERS_MAX,
  recordSplitter,
} from '../../../../shared/adapters/duckdb/split-records.ts';

function split(splitter: (piece: string | null) => string[], pieces: readonly string[]): string[] {
  return [...pieces.flatMap((piece) => splitter(piece)), ...splitter(null)];
}

function inPieces(text: string, size: number): string[] {
  return Array.from({ length: Math.ceil(text.length / size) }, (_, index) =>
    text.slice(index * size, (index + 1) * size),
  );
}

test.each([
  ['an envelope', '{"records":[{"a":1},{"a":2}]}', ['{"a":1}', '{"a":2}']],
  ['an envelope in capitals, as CloudTrail has it', '{"Records":[{"a":1}]}', ['{"a":1}']],
  [
    'an envelope with other keys before and after',
    '{"v":{"records":[]},"records":[{"a":1}],"n":[{"b":2}]}',
    ['{"a":1}'],
  ],
  ['several envelopes', '{"records":[{"a":1}]}\n{"records":[{"a":2}]}', ['{"a":1}', '{"a":2}']],
  ['a list', '[{"a":1},{"a":{"b":[{"c":1}]}}]', ['{"a":1}', '{"a":{"b":[{"c":1}]}}']],
  ['objects one after the other', '{"a":1} {"a":2}\n{"a":3}', ['{"a":1}', '{"a":2}', '{"a":3}']],
  ['an object over several lines', '{\n  "a": 1\n}', ['{   "a": 1 }']],
  ['brackets and quotes inside texts', '[{"a":"}]{[\\"records\\":["}]', ['{"a":"}]{[\\"records\\":["}']],
  ['an empty envelope', '{"records":[]}', []],
  ['nothing', ' \n ', []],
  ['a record that breaks off', '{"records":[{"a":1},{"a":', ['{"a":1}', '{"a":']],
])('takes the records out of %s', (_what, text, records) => {
  expect(split(recordSplitter(), [text])).toEqual(records);
});

test('gives the same records wherever the text is cut into pieces', () => {
  const value = fc.record({ a: fc.string(), b: fc.array(fc.jsonValue()), records: fc.constantFrom(0, [1], 'records') });
  void fc.assert(
    fc.property(fc.array(value), fc.constantFrom(0, 2), fc.integer({ min: 1, max: 40 }), (values, indent, size) => {
      const text = JSON.stringify({ records: values }, null, indent);
      expect(split(recordSplitter(), inPieces(text, size)).map((record) => JSON.parse(record))).toEqual(
        JSON.parse(JSON.stringify(values)),
      );
    }),
    { numRuns: 200 },
  );
});

test('never fails, whatever the text', () => {
  void fc.assert(
    fc.property(
      fc.array(fc.string({ unit: fc.constantFrom('{', '}', '[', ']', '"', '\\', ':', 'records', '\n') })),
      (pieces) => {
        for (const record of split(recordSplitter(), pieces)) expect(record).not.toMatch(/[\r\n]/);
      },
    ),
  );
});

test('replaces a record that is longer than any audit record, and goes on with the next', () => {
  const long = JSON.stringify({ a: 'x'.repeat(RECORD_CHARACTERS_MAX) });
  expect(split(recordSplitter(), inPieces(`[${long},{"a":1}]`, 65_536))).toEqual([BROKEN_LINE, '{"a":1}']);
});

test('splits lines wherever they are cut, without empty ones', () => {
  void fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z ]{0,9}$/)), fc.integer({ min: 1, max: 9 }), (lines, size) => {
      expect(split(lineSplitter(), inPieces(lines.join('\n'), size))).toEqual(
        lines.filter((line) => line.trim() !== ''),
      );
    }),
  );
});

test('replaces a line that is too long, however it arrives', () => {
  const text = `a\n${'x'.repeat(RECORD_CHARACTERS_MAX + 1)}\nb`;
  expect(split(lineSplitter(), [text])).toEqual(['a', BROKEN_LINE, 'b']);
  expect(split(lineSplitter(), inPieces(text, 65_536))).toEqual(['a', BROKEN_LINE, 'b']);
});

test.each([
  ['{"time":', true],
  ['{"a":[', true],
  ['{"a":[1,', true],
  ['{"a":[1, \r', true],
  ['{"a":1}', false],
  ['{"a":"b', false],
  ['', false],
])('tells whether the line %j breaks off where a value has to follow', (line, cut) => {
  const bytes = Buffer.from(`{"ok":1}\n${line}\n{"ok":2}\n`);
  for (const size of [1, 3, 1000]) {
    const find = cutLineFinder();
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
      bytes.subarray(index * size, (index + 1) * size),
    );
    expect(pieces.some((piece) => find(piece))).toBe(cut);
  }
  expect(split(lineSplitter(), [bytes.toString()]).includes(BROKEN_LINE)).toBe(cut);
});
