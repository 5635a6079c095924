import { describe, expect, test } from 'vitest';
import { BOUNDS } from '../../../shared/sources/bounds.ts';
import { customOf, factsOf, resourceProperty } from '../../../shared/sources/custom.ts';

describe('customOf', () => {
  test('keeps texts, of later objects before earlier ones', () => {
    expect(customOf({ a: '1', b: '1', n: 7, o: {}, z: null }, { b: '2' }, null, ['x'])).toEqual({ a: '1', b: '2' });
  });

  test('cleans and bounds names and values', () => {
    const custom = customOf({ 'na\u0000me': '\u001b[1mbold', ['k'.repeat(500)]: 'v'.repeat(5_000), ' ': 'x' });
    expect(custom['name']).toBe('bold');
    expect(Object.entries(custom).map(([name, value]) => [name.length, value.length])).toEqual([
      [4, 4],
      [BOUNDS.customNameCharacters, BOUNDS.customValueCharacters],
    ]);
  });

  test('keeps so many, those of Headroom first', () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`p${index}`, 'v']));
    const custom = customOf(many, { headroom_canary: 'true' });
    expect(Object.keys(custom)).toHaveLength(BOUNDS.customEntries);
    expect(custom['headroom_canary']).toBe('true');
  });

  test('lets no name change what an object is', () => {
    const custom = customOf(JSON.parse('{"__proto__":"x","constructor":"y"}'));
    expect(Object.getPrototypeOf(custom)).toBe(Object.prototype);
    expect(Object.entries(custom)).toEqual([['constructor', 'y']]);
  });
});

describe('factsOf', () => {
  test('leaves out what is missing and bounds the rest', () => {
    expect(factsOf({ a: undefined, b: 'x'.repeat(900) })).toEqual({
      b: `${'x'.repeat(BOUNDS.customValueCharacters - 1)}…`,
    });
  });
});

describe('resourceProperty', () => {
  test('gives the last one as sent, however long', () => {
    const long = `/subscriptions/s/${'x'.repeat(600)}`;
    expect(resourceProperty({ resource: 'a' }, { resource: long }, { resource: 5 }, null)).toBe(long);
    expect(resourceProperty({}, 'x')).toBeUndefined();
  });
});
