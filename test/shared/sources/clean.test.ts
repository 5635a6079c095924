import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cleanText } from '../../../shared/sources/clean.ts';

describe('cleanText', () => {
  test.each([
    [
      'leaves markup for the renderer to escape',
      '<!channel> *x* [a](http://b) & "q"',
      '<!channel> *x* [a](http://b) & "q"',
    ],
    ['leaves other scripts and pictures', 'Überlauf 日本 🙂', 'Überlauf 日本 🙂'],
    ['trims', '  a  ', 'a'],
    ['makes one line of many', 'a\r\nb\tc\u2028d', 'a b c d'],
    ['drops control characters', 'a\u0000b\u0007c\u007fd\u009fe', 'abcde'],
    ['drops colours', '\u001b[1;31mred\u001b[0m text', 'red text'],
    ['drops colours of eight-bit terminals', '\u009b31mred', 'red'],
    ['drops titles and links of terminals', '\u001b]0;title\u0007a\u001b]8;;https://b.example\u001b\\c', 'ac'],
    ['drops two-character sequences', '\u001bMa\u001b_b', 'ab'],
    ['drops a lone escape', 'a\u001b', 'a'],
    ['drops text direction overrides', 'abc\u202edcba\u2066', 'abcdcba'],
    ['drops invisible characters', 'pass\u200bword\ufeff\u00ad', 'password'],
    ['drops half a character', 'a\ud83d b', 'a b'],
  ])('%s', (_what, text, expected) => {
    expect(cleanText(text, 100)).toBe(expected);
  });

  test.each([
    ['abcdef', 6, 'abcdef'],
    ['abcdefg', 6, 'abcde…'],
    ['abcd🙂x', 6, 'abcd…'],
    [`${' '.repeat(40)}a`, 6, '…'],
    [`${'\u0000'.repeat(10)}abc`, 6, 'abc'],
    ['x'.repeat(1_000_000), 3, 'xx…'],
  ])('cuts at the bound and says so (%#)', (text, bound, expected) => {
    expect(cleanText(text, bound)).toBe(expected);
  });

  test('gives visible, well-formed text within the bound, and leaves such text alone', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.integer({ min: 1, max: 60 }), (text, bound) => {
        const clean = cleanText(text, bound);
        expect(clean.length).toBeLessThanOrEqual(bound);
        expect(clean).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        expect(clean.trim()).toBe(clean);
        expect(cleanText(clean, bound)).toBe(clean);
      }),
      { numRuns: 2_000 },
    );
  });
});
