import { describe, expect, test } from 'vitest';
import { matrixCases } from '../../../bench/fleet/matrix.ts';
import { pacedSender, scheduleSender } from '../../../bench/fleet/senders.ts';
import { floorMs, playFleet } from '../../../bench/fleet/virtual.ts';
import { headline, playOurs, refusedShare } from './kit.ts';

describe('a fleet that starts at once', () => {
  test.each([
    [1, false],
    [1, true],
    [2, false],
    [2, true],
    [3, true],
  ])(
    'without a hint everybody is ready within 1.25 x the floor at most 8 percent refused (seed %i, 429s counted: %s)',
    (seed, counts) => {
      const fleet = headline({ seed, counts });
      const result = playOurs(fleet);
      expect(result.ready).toBe(500);
      expect((result.lastReadyMs ?? Number.POSITIVE_INFINITY) / floorMs(fleet)).toBeLessThanOrEqual(1.25);
      expect(refusedShare(result)).toBeLessThanOrEqual(0.08);
    },
  );

  test.each([
    [1, false],
    [2, true],
  ])(
    'with fleetSize it is ready within 1.15 x the floor at most 2 percent refused (seed %i, 429s counted: %s)',
    (seed, counts) => {
      const fleet = headline({ seed, counts });
      const result = playFleet(fleet, (random) => pacedSender(random, 500));
      expect((result.lastReadyMs ?? Number.POSITIVE_INFINITY) / floorMs(fleet)).toBeLessThanOrEqual(1.15);
      expect(refusedShare(result)).toBeLessThanOrEqual(0.02);
    },
  );

  test.each([
    [500, 20],
    [100, 100],
  ])('how closely %i instances with %i secrets start together matters little', (instances, secrets) => {
    for (const spreadMs of [0, 200, 500]) {
      const fleet = headline({ instances, secrets, spreadMs, counts: true });
      const result = playOurs(fleet);
      expect((result.lastReadyMs ?? Number.POSITIVE_INFINITY) / floorMs(fleet)).toBeLessThanOrEqual(1.4);
      expect(refusedShare(result)).toBeLessThanOrEqual(0.08);
    }
  });

  test('a storm of 8,000 where refused requests count dies down: nobody is lost to it', () => {
    const fleet = headline({ instances: 8_000, secrets: 1, spreadMs: 8_000, counts: true, capMs: 900_000 });
    expect(playOurs(fleet).ready).toBe(8_000);
  });

  test('no case of the matrix is better served by the advised waits on both time and refused share', () => {
    for (const fleet of matrixCases(1)) {
      const ours = playOurs(fleet);
      const peer = playFleet(fleet, () => scheduleSender());
      expect(ours.ready, JSON.stringify(fleet)).toBe(fleet.instances);
      const quicker = peer.ready === fleet.instances && (peer.lastReadyMs ?? 0) <= (ours.lastReadyMs ?? 0);
      const gentler = refusedShare(peer) <= refusedShare(ours);
      expect(quicker && gentler, JSON.stringify(fleet)).toBe(false);
    }
  });

  test.each([500, 8_000, 30_000])('nobody is left behind when starts are spread over %i ms', (spreadMs) => {
    for (const counts of [false, true]) {
      const result = playOurs(headline({ spreadMs, counts, seed: 4 }));
      expect(result.ready).toBe(500);
      expect(result.gaveUp).toBe(0);
    }
  });
});
