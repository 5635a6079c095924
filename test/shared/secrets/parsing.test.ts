import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isBundleType, readBundle } from '../../../shared/secrets/bundle.ts';
import { createConfigurationPace } from '../../../shared/secrets/configuration-pace.ts';
import { clean, isSecretsError, SecretsError } from '../../../shared/secrets/errors.ts';
import { leverKey, readLevers } from '../../../shared/secrets/levers.ts';
import { validateOptions } from '../../../shared/secrets/options.ts';
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

describe('levers', () => {
  const now = Date.UTC(2026, 0, 5, 10);
  const HOUR = 3_600_000;
  const iso = (ms: number): string => new Date(ms).toISOString();
  const read = (name: string, lever: unknown, fleetSize?: number, lastModified: number | undefined = now) => {
    const key = `headroom:shop:secrets:${name}`;
    const value = typeof lever === 'string' ? lever : JSON.stringify(lever);
    return readLevers(
      new Map([[key, { key, label: undefined, kind: 'plain' as const, value, lastModified }]]),
      'shop',
      now,
      fleetSize,
    );
  };

  test.each([
    ['ttlSeconds', { value: 7_200, until: iso(now + HOUR) }, { ttlMs: { value: 7_200_000, until: now + HOUR } }],
    ['ttlSeconds', { value: 1e9, until: iso(now + HOUR) }, { ttlMs: { value: 86_400_000, until: now + HOUR } }],
    ['ttlSeconds', { value: 0.001, until: iso(now + HOUR) }, { ttlMs: { value: 60_000, until: now + HOUR } }],
    ['ttlSeconds', { value: 60, until: iso(now + 9 * HOUR) }, { ttlMs: { value: 60_000, until: now + 4 * HOUR } }],
    [
      'paused',
      { value: true, until: iso(now + HOUR), incident: 'abcd' },
      { paused: { value: true, until: now + HOUR, incident: 'abcd' } },
    ],
    [
      'maxRequestsPerSecond',
      { value: 100, fleetSize: 500, until: iso(now + HOUR) },
      { maxPerSecond: { value: 0.2, until: now + HOUR } },
    ],
    [
      'maxRequestsPerSecond',
      { value: 1, fleetSize: 500, until: iso(now + HOUR) },
      { maxPerSecond: { value: 0.01, until: now + HOUR } },
    ],
  ])('%s %j is applied within bounds', (name, lever, expected) => {
    expect(read(name, lever)).toEqual({ levers: expected, ignored: [] });
  });

  test.each([
    ['ttlSeconds', 'not json'],
    ['ttlSeconds', 'null'],
    ['ttlSeconds', { value: 60 }],
    ['ttlSeconds', { value: 60, until: 'soon' }],
    ['ttlSeconds', { value: 60, until: iso(now) }],
    ['ttlSeconds', { value: '60', until: iso(now + HOUR) }],
    ['ttlSeconds', { value: -1, until: iso(now + HOUR) }],
    ['paused', { value: 'yes', until: iso(now + HOUR) }],
    ['maxRequestsPerSecond', { value: 100, until: iso(now + HOUR) }],
    ['maxRequestsPerSecond', { value: 0, fleetSize: 5, until: iso(now + HOUR) }],
  ])('%s %j is ignored and named', (name, lever) => {
    const { levers, ignored } = read(name, lever);
    expect(levers).toEqual({});
    expect(ignored.map(({ lever: which }) => which)).toEqual([name]);
  });

  test('without a size of its own a fleet rate is shared by the configured one', () => {
    expect(read('maxRequestsPerSecond', { value: 100, until: iso(now + HOUR) }, 50).levers.maxPerSecond?.value).toBe(2);
  });

  test('a lever that was written long ago has ended, whatever it says', () => {
    expect(read('paused', { value: true, until: iso(now + HOUR) }, undefined, now - 5 * HOUR).levers).toEqual({});
  });

  test('property: no text makes a lever out of bounds', () => {
    const lever = fc.record({
      value: fc.anything(),
      until: fc.oneof(
        fc.string(),
        fc.date({ noInvalidDate: true }).map((d) => d.toISOString()),
      ),
      fleetSize: fc.anything(),
    });
    fc.assert(
      fc.property(
        fc.constantFrom('ttlSeconds', 'maxRequestsPerSecond', 'paused'),
        fc.oneof(
          fc.string(),
          lever.map((l) => JSON.stringify(l, (_k, v) => (typeof v === 'bigint' ? 1 : v))),
        ),
        (name, text) => {
          const { levers } = read(name, text);
          for (const one of [levers.ttlMs, levers.maxPerSecond, levers.paused])
            if (one) expect(one.until).toBeLessThanOrEqual(now + 4 * HOUR);
          expect(levers.ttlMs?.value ?? 60_000).toBeGreaterThanOrEqual(60_000);
          expect(levers.ttlMs?.value ?? 0).toBeLessThanOrEqual(86_400_000);
          expect(levers.maxPerSecond?.value ?? 1).toBeGreaterThanOrEqual(0.01);
        },
      ),
    );
  });

  test('keys are named after the application', () => {
    expect(leverKey('shop', 'paused')).toBe('headroom:shop:secrets:paused');
  });
});

describe("App Configuration's quota", () => {
  test.each([
    [undefined, 30_000],
    [100, 30_000],
    [125, 30_000],
    [500, 120_000],
    [2_000, 480_000],
  ])('a fleet of %s asks every %i ms', (fleetSize, expected) => {
    const pace = createConfigurationPace({ random: () => 0, refreshIntervalMs: undefined, fleetSize });
    expect(pace.nextMs()).toBe(expected);
  });

  test('property: with fleetSize the fleet stays within half the quota, whatever the pages', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000 }),
        fc.integer({ min: 1, max: 50 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (fleetSize, requests, random) => {
          const pace = createConfigurationPace({ random: () => random, refreshIntervalMs: undefined, fleetSize });
          pace.succeeded(requests);
          expect((fleetSize * requests * 3_600_000) / pace.nextMs()).toBeLessThanOrEqual(15_000 * 1.000001);
        },
      ),
    );
  });

  test('without it the interval doubles on each 429 up to half an hour and shrinks slowly', () => {
    const pace = createConfigurationPace({ random: () => 0, refreshIntervalMs: undefined, fleetSize: undefined });
    const seen = Array.from({ length: 8 }, () => {
      pace.throttled(null);
      return pace.nextMs() / 1_000;
    });
    expect(seen).toEqual([60, 120, 240, 480, 960, 1_800, 1_800, 1_800]);
    pace.succeeded(1);
    expect(pace.nextMs()).toBe(1_620_000);
    for (let i = 0; i < 60; i++) pace.succeeded(1);
    expect(pace.nextMs()).toBe(30_000);
  });

  test('what the store asks for is waited once', () => {
    const pace = createConfigurationPace({ random: () => 0, refreshIntervalMs: undefined, fleetSize: undefined });
    pace.throttled(600_000);
    expect([pace.nextMs(), pace.nextMs()]).toEqual([600_000, 60_000]);
  });
});

describe('options', () => {
  const credential = { getToken: async () => null };
  const endpoints = ['https://a.azconfig.io'];
  test.each<[Parameters<typeof validateOptions>[0], RegExp]>([
    [{ endpoints }, /credential/],
    [{ endpoints: ['http://a.azconfig.io'], credential }, /https/],
    [{ endpoints: ['nonsense'], credential }, /endpoints/],
    [{ endpoints, connectionString: 'Endpoint=https://a;Id=b;Secret=c', credential }, /exclude/],
    [{ connectionString: 'Secret=hunter2' }, /Endpoint=/],
    [{ endpoints, credential, ttlMs: 5 }, /ttlMs/],
    [{ endpoints, credential, ttlMs: Number.NaN }, /ttlMs/],
    [{ endpoints, credential, staleIfErrorMs: -1 }, /staleIfErrorMs/],
    [{ endpoints, credential, refreshIntervalMs: 1_000 }, /refreshIntervalMs.*30000/],
    [{ endpoints, credential, fleetSize: 0 }, /fleetSize/],
    [{ endpoints, credential, leversEndpoint: 'https://l.azconfig.io' }, /app/],
    [{ endpoints, credential, app: 'a:b' }, /app/],
    [{ credential, required: ['A'] }, /required/],
    [{ endpoints, credential, selectors: [{ keyFilter: '' }] }, /selectors\[0\]/],
  ])('%j is refused by name', (options, message) => {
    expect(() => validateOptions(options)).toThrow(message);
    expect(() => validateOptions(options)).not.toThrow(/hunter2/);
  });

  test('the defaults are those of the guide', () => {
    expect(validateOptions({ endpoints, credential })).toMatchObject({
      ttlMs: 3_600_000,
      staleIfErrorMs: 86_400_000,
      selectors: [{ keyFilter: '*' }],
      required: [],
    });
  });
});

describe('errors', () => {
  test('a cause keeps its name and status and loses what could hold a secret', () => {
    const rest = Object.assign(new Error('Error "x" occurred while parsing the response body - {"value":"hunter2"}'), {
      name: 'RestError',
      code: 'PARSE_ERROR',
      statusCode: 200,
      request: { headers: { authorization: 'Bearer hunter2' } },
      response: { bodyAsText: 'hunter2' },
    });
    const error = new SecretsError('unavailable', 'x', { cause: rest }).ofKey('K', 'prod');
    expect(isSecretsError(error)).toBe(true);
    expect(error.cause).toMatchObject({ name: 'RestError', statusCode: 200 });
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('hunter2');
    expect(error.message).toContain("key 'K' (label 'prod')");
  });

  test('text from outside is one bounded line', () => {
    expect(clean(`a\u001b[31m\r\nb\u202e${'x'.repeat(500)}`)).toMatch(/^a \[31m b x{10,}…$/);
  });
});
