import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { storeRequestsAnHour } from '../../../bench/fleet/store-requests.ts';
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
          pace.succeeded(requests, 0);
          expect((fleetSize * requests * 3_600_000) / pace.nextMs()).toBeLessThanOrEqual(15_000 * 1.000001);
        },
      ),
    );
  });

  test('without it the interval doubles on each 429 up to half an hour and shrinks slowly', () => {
    const pace = createConfigurationPace({ random: () => 0, refreshIntervalMs: undefined, fleetSize: undefined });
    const seen = Array.from({ length: 8 }, () => {
      pace.throttled(null, 0);
      return pace.nextMs() / 1_000;
    });
    expect(seen).toEqual([60, 120, 240, 480, 960, 1_800, 1_800, 1_800]);
    pace.succeeded(1, 0);
    expect(pace.nextMs()).toBe(1_620_000);
    for (let i = 0; i < 60; i++) pace.succeeded(1, 0);
    expect(pace.nextMs()).toBe(30_000);
  });

  const HOUR_MS = 3_600_000;
  const DAY_MS = 24 * HOUR_MS;

  /** Asks every 30 s for half an hour, as each of 500 does until the quota is full, and is refused. */
  function learn(requests: number) {
    const pace = createConfigurationPace({ random: () => 0, refreshIntervalMs: undefined, fleetSize: undefined });
    for (let at = 0; at < HOUR_MS / 2; at += 30_000) pace.succeeded(requests, at);
    pace.throttled(null, HOUR_MS / 2);
    return pace;
  }

  test.each([
    [1, 75_000],
    [3, 75_000],
  ])('four fifths of what was served when the quota was full are kept to (%i requests a refresh)', (requests, ms) => {
    const pace = learn(requests);
    for (let i = 0; i < 100; i++) pace.succeeded(requests, HOUR_MS);
    expect(pace.nextMs()).toBe(ms);
  });

  test('a process that has just started knows of no share yet, and only doubles', () => {
    const pace = createConfigurationPace({ random: () => 0, refreshIntervalMs: undefined, fleetSize: undefined });
    for (const at of [0, 30_000]) pace.succeeded(1, at);
    pace.throttled(null, 60_000);
    expect(pace.nextMs()).toBe(60_000);
  });

  test('further refusals in the same hour only double, for they tell of the past and not of the share', () => {
    const pace = learn(1);
    pace.throttled(null, HOUR_MS / 2 + 60_000);
    pace.throttled(null, HOUR_MS * 1.5 - 1);
    expect(pace.nextMs()).toBe(300_000);
    for (let i = 0; i < 100; i++) pace.succeeded(1, 2 * HOUR_MS);
    expect(pace.nextMs()).toBe(75_000);
  });

  test.each([
    [7 * DAY_MS, 75_000],
    [8 * DAY_MS, 30_000],
  ])('%i ms after the last refusal, and many refreshes later, it asks every %i ms', (at, ms) => {
    const pace = learn(1);
    for (let i = 0; i < 100; i++) pace.succeeded(1, at);
    expect(pace.nextMs()).toBe(ms);
  });

  test.each([500, 2_000])(
    '%i instances that know nothing of each other stay within it from the second hour on',
    (n) => {
      for (const hour of [2, 6, 12]) {
        const { sent, refused } = storeRequestsAnHour(n, 'ours', hour);
        expect(refused, `hour ${hour}`).toBe(0);
        expect(sent, `hour ${hour}`).toBeLessThan(30_000);
      }
    },
  );

  test('what the store asks for is waited once', () => {
    const pace = createConfigurationPace({ random: () => 0, refreshIntervalMs: undefined, fleetSize: undefined });
    pace.throttled(600_000, 0);
    expect([pace.nextMs(), pace.nextMs()]).toEqual([600_000, 60_000]);
  });
});
