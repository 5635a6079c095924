import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { editDistance, nearest } from '../../../shared/config/nearest.ts';

describe('edit distance', () => {
  test.each([
    ['', '', 0],
    ['a', '', 1],
    ['', 'abc', 3],
    ['kitten', 'sitting', 3],
    ['chanel', 'channel', 1],
    ['famliy', 'family', 1],
    ['ca', 'abc', 3],
    ['BODY_BYTES', 'BODYBYTES', 1],
  ])('%j and %j are %d edits apart', (left, right, edits) => {
    expect(editDistance(left, right)).toBe(edits);
  });

  test('is the same both ways, nothing only between equals, and at most the longer length', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '_'), maxLength: 12 });
    fc.assert(
      fc.property(word, word, (left, right) => {
        const edits = editDistance(left, right);
        expect(edits).toBe(editDistance(right, left));
        expect(edits === 0).toBe(left === right);
        expect(edits).toBeLessThanOrEqual(Math.max(left.length, right.length));
        expect(edits).toBeGreaterThanOrEqual(Math.abs(left.length - right.length));
      }),
    );
  });

  test('looks at 64 characters, however long the words are', () => {
    expect(editDistance(`${'a'.repeat(64)}b`, `${'a'.repeat(64)}${'c'.repeat(100_000)}`)).toBe(0);
  });
});

describe('the nearest word', () => {
  test.each([
    ['stauts', ['help', 'status', 'why'], 'status'],
    ['HELP', ['status', 'help'], 'help'],
    ['x', ['ab', 'cd'], 'ab'],
    ['x', [], undefined],
  ])('of %j among %j is %j', (word, known, expected) => {
    expect(nearest(word, known)).toBe(expected);
  });
});
