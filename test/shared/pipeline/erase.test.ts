import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { erase } from '../../../shared/pipeline/erase.ts';

const ANN = { names: ['ann@example.org', 'slack:T0123/U0456', 'Ann Example'], pseudonym: 'forgotten-1' };

describe('a person', () => {
  test.each<[string, unknown, unknown, number]>([
    ['a text', 'ann@example.org', 'forgotten-1', 1],
    ['the middle of one, in any case', 'Deleted by ANN@Example.org.', 'Deleted by forgotten-1.', 1],
    ['several', 'Ann Example <ann@example.org>', 'forgotten-1 <forgotten-1>', 2],
    ['a list', ['x', 'Ann Example'], ['x', 'forgotten-1'], 1],
    ['a key', { 'ann@example.org': 3 }, { 'forgotten-1': 3 }, 1],
    ['JSON in a text', { claims: '{"upn":"ann@example.org"}' }, { claims: '{"upn":"forgotten-1"}' }, 1],
    [
      'JSON that writes it otherwise',
      { claims: '{"upn":"ann\\u0040example.org"}' },
      { claims: '{"upn":"forgotten-1"}' },
      1,
    ],
    ['JSON that is cut off', '{"upn":"ann@example.org","na', '{"upn":"forgotten-1","na', 1],
    [
      'the name beside an id',
      { by: 'slack:T0123/U0456', name: 'Annie' },
      { by: 'forgotten-1', name: 'forgotten-1' },
      2,
    ],
  ])('is taken out of %s', (_what, value, expected, places) => {
    expect(erase(value, ANN)).toEqual({ value: expected, places });
  });

  test.each<[string, unknown]>([
    ['a longer address', 'joann@example.org'],
    ['one of another host', 'ann@example.org.au'],
    ['one with a prefix and a dot', 'mary.ann@example.org'],
    ['a longer name', 'Hann Example'],
    ['the name of somebody else', { by: 'slack:T0123/U0999', name: 'Bob' }],
    ['an object without anyone', { a: [1, null, true, '{"x":  1}'] }],
  ])('is not found in %s, which stays the very same', (_what, value) => {
    expect(erase(value, ANN)).toEqual({ value, places: 0 });
    expect(erase(value, ANN).value).toBe(value);
  });

  test('is found with the platform before the id, and the name with it', () => {
    const entry = { by: 'slack:T0123/U0456', name: 'Annie' };
    const erased = erase(entry, { names: ['T0123/U0456'], pseudonym: 'forgotten-1' });
    expect(erased.value).toEqual({ by: 'slack:forgotten-1', name: 'forgotten-1' });
  });

  test('is nowhere afterwards, and a second time changes nothing, whatever the value and the names', () => {
    const name = fc.stringMatching(/^[a-z][a-z.@+*$(-]{3,10}[a-z]$/);
    fc.assert(
      fc.property(fc.jsonValue(), fc.array(name, { minLength: 1, maxLength: 3 }), (rest, names) => {
        const value = { rest, who: names[0], text: `by ${names.join(', ')}`, by: names[0], name: 'Somebody' };
        const erasure = { names, pseudonym: 'forgotten-1' };
        const once = erase(value, erasure);
        expect(once.places).toBeGreaterThan(0);
        expect([once.value.who, once.value.by, once.value.name]).toEqual(['forgotten-1', 'forgotten-1', 'forgotten-1']);
        expect(once.value.text).not.toContain(` ${names[0]},`);
        expect(erase(once.value, erasure).places).toBe(0);
      }),
      { numRuns: 200 },
    );
  });
});
