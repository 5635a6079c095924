import { expect, test } from 'vitest';
import { askedBy, heldUntilMs } from '../../../../shared/fixes/what-if/held.ts';
import { reproducible } from '../../../../shared/fixes/what-if/random.ts';
import { member } from './kit.ts';

const TTL_MS = 3_600_000;
const KNOWN_MS = 4_500_000;
const THINGS = 1_800;
const DRAWS = 4_000;

/** Share that has expired so long after the stretch began, of things of which so many are asked for in ten seconds. */
function expiredShare(askedBefore: readonly number[], afterMs: number): number {
  const random = reproducible(1);
  const caller = member(
    { kind: 'arrivals', perSecond: [], piece: null },
    { habits: { askedBefore }, knownForMs: KNOWN_MS },
  );
  const asked = askedBy(caller, THINGS, Number.POSITIVE_INFINITY);
  let expired = 0;
  for (let draw = 0; draw < DRAWS; draw++)
    if (heldUntilMs(asked(random()), { ttlMs: TTL_MS, knownForMs: KNOWN_MS }, random) <= afterMs) expired++;
  return expired / DRAWS;
}

/** The same, thing by thing: each asked for at a steady interval until some time before the stretch. */
function playedShare(everyMs: number, silentMs: number, afterMs: number): number {
  const random = reproducible(2);
  let expired = 0;
  for (let draw = 0; draw < DRAWS; draw++) {
    let untilMs = random() * TTL_MS;
    for (let atMs = random() * everyMs; atMs < KNOWN_MS - silentMs; atMs += everyMs)
      if (atMs >= untilMs) untilMs = atMs + TTL_MS;
    if (untilMs <= KNOWN_MS + afterMs) expired++;
  }
  return expired / DRAWS;
}

test.each([
  ['often', 180, 0],
  ['now and then', 10, 0],
  ['now and then until a silence', 10, 300],
  ['hardly ever', 2, 0],
])('of what is asked for %s as much has expired as where each thing is played', (_how, perBin, silentS) => {
  const bins = KNOWN_MS / 10_000;
  const askedBefore = Array.from({ length: bins }, (_, bin) => (bin < silentS / 10 ? 0 : perBin));
  for (const afterMs of [0, 300_000]) {
    const played = playedShare((10_000 * THINGS) / perBin, 1000 * silentS, afterMs);
    expect(Math.abs(expiredShare(askedBefore, afterMs) - played)).toBeLessThan(0.03);
  }
});

test('what nobody asked for since the log began may have expired at any time of it', () => {
  expect(expiredShare([], 0)).toBe(1);
});
