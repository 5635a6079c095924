import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { kindOf, parseReference, parseVaultUrl, tokenScopeOf } from '../../../shared/secrets/reference.ts';

describe('what a key-value is', () => {
  test.each([
    ['K', 'application/vnd.microsoft.appconfig.keyvaultref+json;charset=utf-8', 'reference'],
    ['K', 'application/vnd.microsoft.appconfig.keyvaultref+json; charset=utf-8', 'reference'],
    ['K', ' Application/VND.Microsoft.AppConfig.KeyVaultRef+JSON ', 'reference'],
    ['K', 'application/vnd.microsoft.appconfig.ff+json;charset=utf-8', 'skipped'],
    ['.appconfig.featureflag/x', undefined, 'skipped'],
    ['K', 'application/json; profile="https://azconfig.io/mime-profiles/snapshot-ref"; charset=utf-8', 'skipped'],
    ['K', 'application/json', 'plain'],
    ['K', 'x-application/vnd.microsoft.appconfig.keyvaultref+json', 'plain'],
    ['K', null, 'plain'],
    ['K', '', 'plain'],
  ])('%s of type %s is %s', (key, contentType, kind) => {
    expect(kindOf(key, contentType)).toBe(kind);
  });

  test.each([
    ['https://kv.vault.azure.net/secrets/a', { origin: 'https://kv.vault.azure.net', name: 'a', version: undefined }],
    ['https://kv.vault.azure.net/secrets/a/', { origin: 'https://kv.vault.azure.net', name: 'a', version: undefined }],
    [
      'https://kv.vault.azure.net:443/secrets/a-1/0123abc',
      { origin: 'https://kv.vault.azure.net', name: 'a-1', version: '0123abc' },
    ],
    [
      'https://KV.vault.usgovcloudapi.net/secrets/a',
      { origin: 'https://kv.vault.usgovcloudapi.net', name: 'a', version: undefined },
    ],
  ])('the reference %s names its secret', (uri, id) => {
    expect(parseReference(JSON.stringify({ uri }))).toEqual({ ok: true, id });
  });

  test.each([
    '',
    'x',
    'http://kv.vault.azure.net/secrets/a',
    'https://kv.vault.azure.net/',
    'https://kv.vault.azure.net/secrets/',
    'https://kv.vault.azure.net/secrets/a_b',
    'https://u:p@kv.vault.azure.net/secrets/a',
    'https://kv.vault.azure.net/secrets/a/b/c',
    `https://kv.vault.azure.net/secrets/${'a'.repeat(128)}`,
  ])('the reference %s names none', (uri) => {
    expect(parseReference(JSON.stringify({ uri })).ok).toBe(false);
  });

  test('property: any text is a reference or a reason', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.webUrl().map((uri) => JSON.stringify({ uri })),
        ),
        (text) => {
          const parsed = parseReference(text);
          if (parsed.ok) expect(parseVaultUrl(parsed.id.origin)).toBe(parsed.id.origin);
          else expect(parsed.why).not.toBe('');
        },
      ),
    );
  });

  test.each([
    ['https://a.vault.azure.net', 'https://vault.azure.net/.default'],
    ['https://a.vault.usgovcloudapi.net', 'https://vault.usgovcloudapi.net/.default'],
    ['https://a.vault.azure.cn', 'https://vault.azure.cn/.default'],
    ['https://localhost:8443', 'https://vault.azure.net/.default'],
    ['https://vault.azure.net.evil.example', 'https://vault.azure.net/.default'],
  ])('%s asks for a token of %s', (origin, scope) => {
    expect(tokenScopeOf(origin)).toBe(scope);
  });
});
