import { describe, expect, test } from 'vitest';
import { validateOptions } from '../../../shared/secrets/options.ts';

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
    [{ endpoints, credential, vaultRequestsPer10Seconds: 0.5 }, /vaultRequestsPer10Seconds/],
    [{ endpoints, credential, leversEndpoint: 'https://l.azconfig.io' }, /app/],
    [{ endpoints, credential, app: 'a:b' }, /app/],
    [{ credential, required: ['A'] }, /required/],
    [{ endpoints, credential, selectors: [{ keyFilter: '' }] }, /selectors\[0\]/],
  ])('%j is refused by name', (options, message) => {
    expect(() => validateOptions(options)).toThrow(message);
    expect(() => validateOptions(options)).not.toThrow(/hunter2/);
  });

  test('a name that is no option is refused, so that a slip in one does not go unnoticed', () => {
    const slip = { endpoints, credential, ttlMS: 5_000 };
    expect(() => validateOptions(slip)).toThrow(/no option 'ttlMS'.*ttlMs/);
  });

  test('the defaults are those of the guide', () => {
    expect(validateOptions({ endpoints, credential })).toMatchObject({
      ttlMs: 3_600_000,
      staleIfErrorMs: 86_400_000,
      vaultRequestsPer10Seconds: 2_000,
      selectors: [{ keyFilter: '*' }],
      required: [],
    });
  });
});
