import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { leverKey, readLevers } from '../../../shared/secrets/levers.ts';

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
