import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createConfigurationPace } from '../../../shared/secrets/configuration-pace.ts';

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
