import { describe, expect, test } from 'vitest';
import { jsonFieldsOf, leadingNumberOf, numberOf, textOf } from '../../../shared/sources/read.ts';

describe('numberOf', () => {
  test.each([
    [10, 10],
    ['10', 10],
    ['2310.5', 2310.5],
    [' -1.5e3 ', -1500],
    ['.5', 0.5],
    [0, 0],
  ])('reads %s', (value, expected) => {
    expect(numberOf(value)).toBe(expected);
  });

  test.each([
    [''],
    ['ten'],
    ['0x10'],
    ['1,000'],
    ['1e999'],
    ['Infinity'],
    [Number.NaN],
    [Infinity],
    [null],
    [true],
    [[]],
    ['9'.repeat(41)],
  ])('reads none in %s', (value) => {
    expect(numberOf(value)).toBeUndefined();
  });
});

describe('leadingNumberOf', () => {
  test.each([
    ['$11,111.00', 11_111],
    ['0.45 sec', 0.45],
    ['0.27 sec (over the last 7 days)', 0.27],
    ['€-5', -5],
    [7, 7],
    ['none', undefined],
    [null, undefined],
  ])('reads %s as %s', (value, expected) => {
    expect(leadingNumberOf(value)).toBe(expected);
  });
});

describe('textOf', () => {
  test.each([
    ['a', 'a'],
    [3, '3'],
    ['  ', undefined],
    ['\u0000', undefined],
    [Number.NaN, undefined],
    [true, undefined],
    [{}, undefined],
    [null, undefined],
  ])('reads %s as %s', (value, expected) => {
    expect(textOf(value)).toBe(expected);
  });
});

describe('jsonFieldsOf', () => {
  test.each([
    ['{"a":1}', { a: 1 }],
    [{ a: 1 }, { a: 1 }],
    ['{"a":', {}],
    ['[1]', {}],
    ['', {}],
    [null, {}],
  ])('reads %s', (value, expected) => {
    expect(jsonFieldsOf(value)).toEqual(expected);
  });
});
