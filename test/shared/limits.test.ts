import { describe, expect, test } from 'vitest';
import { LIMIT_PROFILES, limitFor, limitProfile, parseLimitProfile } from '../../shared/limits.ts';
import type { Resource } from '../../shared/model.ts';

const VAULT: Resource = { cloud: 'azure', id: '/x', name: 'kv', type: 'Microsoft.KeyVault/vaults', scope: 's' };

test.each([
  ['published', 'secret', 4000, false],
  ['published', 'create', 300, false],
  ['published', 'key', 4000, false],
  ['published', 'key-rsa-4096-hsm', 250, false],
  ['2000', 'secret', 2000, true],
  ['2000', 'key-rsa-2048-hsm', 1000, true],
])('%s says of %s operations: %i in 10 s, refused counted: %s', (name, operationClass, max, countsRefused) => {
  const profile = limitProfile(name);
  expect(profile && limitFor(profile, VAULT, operationClass)).toMatchObject({
    max,
    countsRefused,
    windowSeconds: 10,
    scope: 'resource',
  });
});

test('every number says where and when it was read', () => {
  for (const { source, readOn } of LIMIT_PROFILES.flatMap(({ limits }) => limits)) {
    expect(source).toMatch(/^https:\/\//);
    expect(readOn).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  }
});

test('a weight is what a class costs against the cheapest of its family', () => {
  const limits = limitProfile('published')?.limits.filter(
    ({ class: name }) => name.startsWith('key-rsa') || name.startsWith('key-ec'),
  );
  for (const hsm of [false, true]) {
    const family = limits?.filter(({ class: name }) => name.endsWith('-hsm') === hsm) ?? [];
    const most = Math.max(...family.map(({ max }) => max));
    expect(family.map(({ max, weight }) => max * weight)).toEqual(family.map(() => most));
  }
});

test('knows no limit for other resources, other classes and other profiles', () => {
  const profile = limitProfile('published');
  expect(profile && limitFor(profile, { ...VAULT, type: 'microsoft.web/sites' }, 'secret')).toBeNull();
  expect(profile && limitFor(profile, VAULT, 'management')).toBeNull();
  expect(limitProfile('3000')).toBeNull();
});

describe('a limits file', () => {
  const secret = { service: 'key-vault', class: 'secret', windowSeconds: 10, max: 1234, countsRefused: true };

  test('replaces limits of the profile that it extends and keeps the others', () => {
    const parsed = parseLimitProfile('own.json', { extends: 'published', limits: [secret] });
    if (!parsed.ok) throw new Error(parsed.error);
    expect(limitFor(parsed.profile, VAULT, 'secret')).toMatchObject({
      max: 1234,
      countsRefused: true,
      weight: 1,
      source: 'own.json',
    });
    expect(limitFor(parsed.profile, VAULT, 'create')).toMatchObject({ max: 300 });
  });

  test('stands alone without a profile', () => {
    const parsed = parseLimitProfile('own.json', { limits: [secret] });
    expect(parsed.ok && limitFor(parsed.profile, VAULT, 'create')).toBeNull();
  });

  test.each([
    ['an unknown profile', { extends: 'mine', limits: [] }, 'extends'],
    ['a limit that admits nothing', { limits: [{ ...secret, max: 0 }] }, 'limits[0].max'],
    ['a text for a number', { limits: [secret, { ...secret, windowSeconds: '10' }] }, 'limits[1].windowSeconds'],
    ['a missing field', { limits: [{ ...secret, countsRefused: undefined }] }, 'limits[0].countsRefused'],
    ['an unknown key', { limits: [{ ...secret, maximum: 5 }] }, 'limits[0]'],
    ['no limits', {}, 'limits'],
    ['a list', [], ''],
  ])('is refused with %s, by the path of the field', (_what, value, path) => {
    expect(parseLimitProfile('own.json', value)).toMatchObject({ ok: false, path });
  });
});
