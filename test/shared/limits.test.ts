import { describe, expect, test } from 'vitest';
import { everyLimitFor, LIMIT_PROFILES, limitFor, limitProfile, parseLimitProfile } from '../../shared/limits.ts';
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

test.each([
  ['published', 'secret', 20_000],
  ['published', 'create', 1_500],
  ['published', 'key-rsa-4096-hsm', 1_250],
  ['2000', 'key', 10_000],
])('%s admits to %s operations of a whole subscription five times as many: %i', (name, operationClass, max) => {
  const profile = limitProfile(name);
  expect(profile && limitFor(profile, VAULT, operationClass, { scope: 'subscription' })).toMatchObject({ max });
});

test.each([
  ['free', 'requests', 1_000, 86_400],
  ['developer', 'requests', 6_000, 3_600],
  ['standard', 'requests', 30_000, 3_600],
  ['standard', 'read', 300, 1],
  ['premium', 'write', 100, 1],
])('a %s configuration store admits as %s: %i in %i s', (tier, operationClass, max, windowSeconds) => {
  const store: Resource = { ...VAULT, type: 'microsoft.appconfiguration/configurationstores' };
  const profile = limitProfile('published');
  expect(profile && limitFor(profile, store, operationClass, { tier })).toMatchObject({ max, windowSeconds });
  expect(profile && limitFor(profile, store, operationClass)).toBeNull();
  expect(profile && limitFor(profile, store, 'requests', { tier: 'premium' })).toBeNull();
});

test.each([
  ['aws-sts', 'requests', 600, 'account'],
  ['azure-imds', 'metadata', 5, 'machine'],
  ['azure-imds', 'token', 20, 'machine'],
  ['aws-link-local', 'packets', 1_024, 'machine'],
])('of %s it is published that %s are %i a second for one %s', (service, operationClass, max, scope) => {
  const [profile] = LIMIT_PROFILES;
  const found = profile?.limits.filter((limit) => limit.service === service && limit.class === operationClass);
  expect(found).toMatchObject([{ max, scope, windowSeconds: 1 }]);
});

test('knows what every profile says of one class', () => {
  expect(everyLimitFor(VAULT, 'key').map(({ max }) => max)).toEqual([4_000, 2_000]);
  expect(everyLimitFor(VAULT, 'management')).toEqual([]);
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
    const family =
      limits?.filter(({ class: name, scope }) => name.endsWith('-hsm') === hsm && scope === 'resource') ?? [];
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

  test('its limit of a service holds for every tier', () => {
    const own = {
      service: 'app-configuration',
      class: 'requests',
      windowSeconds: 3_600,
      max: 90_000,
      countsRefused: false,
    };
    const parsed = parseLimitProfile('own.json', { extends: 'published', limits: [own] });
    if (!parsed.ok) throw new Error(parsed.error);
    const store: Resource = { ...VAULT, type: 'microsoft.appconfiguration/configurationstores' };
    for (const facts of [{}, { tier: 'free' }, { tier: 'premium' }])
      expect(limitFor(parsed.profile, store, 'requests', facts)).toMatchObject({ max: 90_000 });
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
