import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { padToWidth, shortenToWidth, widthOf, wrap } from '../../../../shared/chat/text/width.ts';
import { text } from '../hostile.ts';

test.each([
  ['abc', 3],
  ['漢字', 4],
  ['한국어', 6],
  ['ＦＵ', 4],
  ['👍', 2],
  ['e\u0301', 2],
  ['│█▒', 3],
  ['مرحبا', 5],
])('%s is %d columns wide', (given, columns) => {
  expect(widthOf(given)).toBe(columns);
});

test.each([
  ['abcdef', 6, 'abcdef'],
  ['abcdef', 5, 'abcd…'],
  ['漢字漢字', 5, '漢字…'],
  ['漢字漢字', 4, '漢…'],
  ['ab cd', 4, 'ab…'],
  ['abc', 0, ''],
])('shortens %s to %d columns as %s', (given, columns, expected) => {
  expect(shortenToWidth(given, columns)).toBe(expected);
});

describe('wrapping', () => {
  test('breaks at spaces, never before a percent sign, and cuts what is wider than a line', () => {
    expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrap('peak of 61 %', 10)).toEqual(['peak of', '61 %']);
    expect(wrap('abcdefghij', 4)).toEqual(['abcd', 'efgh', 'ij']);
    expect(wrap('', 10)).toEqual([]);
  });

  test('loses no word and passes no bound', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 2, max: 90 }), (given, columns) => {
        const lines = wrap(given, columns);
        expect(lines.filter((line) => widthOf(line) > columns)).toEqual([]);
        expect(lines.join('').replaceAll(' ', '')).toBe(given.replaceAll(' ', ''));
      }),
    );
  });
});

test('pads by width and leaves what is wider', () => {
  expect(padToWidth('漢', 4)).toBe('漢  ');
  expect(padToWidth('abcdef', 4)).toBe('abcdef');
});
