import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isBundleType, readBundle } from '../../../shared/secrets/bundle.ts';

describe('bundles', () => {
  test.each([
    ['application/json', true],
    ['Application/JSON; charset=utf-8', true],
    ['application/json5', false],
    ['text/plain', false],
    [undefined, false],
  ])('%s: %s', (contentType, expected) => {
    expect(isBundleType(contentType)).toBe(expected);
  });

  test('property: every own path of an object of texts can be read, and nothing else can', () => {
    const name = fc.stringMatching(/^[a-zA-Z]{1,8}$/);
    fc.assert(
      fc.property(fc.dictionary(name, fc.dictionary(name, fc.string())), name, (bundle, other) => {
        const text = JSON.stringify(bundle);
        for (const [outer, inner] of Object.entries(bundle))
          for (const [key, value] of Object.entries(inner)) expect(readBundle(text, `${outer}:${key}`)).toBe(value);
        if (!Object.hasOwn(bundle, other)) expect(readBundle(text, other)).toBeUndefined();
      }),
    );
  });

  test.each(['', '[1]', '"x"', 'null', '{'])('%s is no bundle', (value) => {
    expect(readBundle(value, '0')).toBeUndefined();
  });
});
