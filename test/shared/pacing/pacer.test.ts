import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPacer, type Pacer } from '../../../shared/pacing/pacer.ts';
import { seededRandom } from '../../../simulation/random.ts';

const WINDOW_MS = 10_000;

/** Most of the times in any half-open window. */
function peakIn(times: number[], windowMs: number): number {
  let peak = 0;
  for (let from = 0, to = 0; to < times.length; to++) {
    while ((times[from] ?? 0) <= (times[to] ?? 0) - windowMs) from++;
    peak = Math.max(peak, to - from + 1);
  }
  return peak;
}

type Outcome = 'served' | 'refused' | 'failed';

/** Sends whenever the pacer allows, with the outcomes given in turn, then served. */
function drive(pacer: Pacer, outcomes: Outcome[], latencyMs: number, count: number, untilMs: number): number[] {
  const times: number[] = [];
  let now = 0;
  for (let i = 0; i < count; i++) {
    const at = pacer.nextAt(now, count - i);
    if (at === Number.POSITIVE_INFINITY) throw new Error('waits for an answer that has been given');
    now = Math.max(now, at);
    if (now > untilMs) break;
    const ticket = pacer.send(now);
    times.push(now);
    now += latencyMs;
    const outcome = outcomes[i] ?? 'served';
    if (outcome === 'served') pacer.served(ticket, now);
    else if (outcome === 'failed') pacer.failed(ticket, now);
    else pacer.refused(ticket, now, null);
  }
  return times;
}

describe('pacer', () => {
  test('a lone process reads twenty secrets within two seconds', () => {
    const times = drive(createPacer({ random: seededRandom(1) }), [], 20, 20, 60_000);
    expect(times).toHaveLength(20);
    expect(times.at(-1)).toBeLessThan(2_000);
  });

  test('a ceiling of 0.01 a second is one request in 100 s', () => {
    const pacer = createPacer({ random: seededRandom(1) });
    pacer.limit(0.01);
    const times = drive(pacer, [], 20, 4, 1_000_000);
    expect(peakIn(times, 100_000)).toBe(1);
    expect(pacer.ratePerSecond()).toBeCloseTo(0.01);
  });

  test('property: never more than a ceiling allows in any window, whatever the answers', () => {
    const outcome = fc.constantFrom<Outcome>('served', 'served', 'served', 'refused', 'failed');
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 5, noNaN: true }),
        fc.array(outcome, { maxLength: 120 }),
        fc.integer({ min: 1, max: 400 }),
        fc.integer(),
        (ratePerSecond, outcomes, latencyMs, seed) => {
          const pacer = createPacer({ random: seededRandom(seed) });
          pacer.limit(ratePerSecond);
          const times = drive(pacer, outcomes, latencyMs, 120, 600_000);
          const allowed = Math.max(1, Math.ceil(ratePerSecond * 10 - 1e-9));
          expect(peakIn(times, WINDOW_MS)).toBeLessThanOrEqual(allowed);
        },
      ),
      { numRuns: 200 },
    );
  });

  test('property: a hinted share is not passed during a start', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8_000 }), fc.integer(), (fleetSize, seed) => {
        const pacer = createPacer({ random: seededRandom(seed), fleetSize, windowLimit: 2_000 });
        const times = drive(pacer, [], 20, 60, 180_000);
        expect(peakIn(times, WINDOW_MS)).toBeLessThanOrEqual(Math.max(1, Math.ceil(2_000 / fleetSize - 1e-9)));
      }),
    );
  });

  test('property: the next time is always finite once all answers are in, and refusals never speed it up', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom<Outcome>('served', 'refused', 'failed'), { maxLength: 80 }),
        fc.integer(),
        (outcomes, seed) => {
          const pacer = createPacer({ random: seededRandom(seed) });
          const times = drive(pacer, outcomes, 25, outcomes.length + 5, Number.MAX_SAFE_INTEGER);
          expect(times).toHaveLength(outcomes.length + 5);
          // Times are sums of fractions: a rounding error is no speed.
          for (let i = 1; i < times.length; i++)
            expect((times[i] ?? 0) - (times[i - 1] ?? 0)).toBeGreaterThan(25 - 1e-6);
        },
      ),
    );
  });

  test.each([
    ['as asked', 10_000, 10_000],
    ['up to the cap', 3_600_000, 60_000],
  ])('Retry-After is obeyed %s', (_what, retryAfterMs, expectedMs) => {
    const pacer = createPacer({ random: () => 0, maxRetryAfterMs: 60_000 });
    pacer.nextAt(0, 5);
    pacer.refused(pacer.send(0), 100, retryAfterMs);
    expect(pacer.nextAt(100, 5)).toBeGreaterThanOrEqual(100 + Math.min(retryAfterMs, expectedMs));
    expect(pacer.nextAt(100, 5)).toBeLessThanOrEqual(100 + Math.max(expectedMs, WINDOW_MS) + 500);
  });

  test('after a long quiet time without refusals the share is searched for anew', () => {
    const pacer = createPacer({ random: seededRandom(3) });
    const outcomes: Outcome[] = ['served', 'served', 'refused', 'served', 'served'];
    drive(pacer, outcomes, 20, 5, 600_000);
    expect(pacer.ratePerSecond()).not.toBeNull();
    pacer.nextAt(3_600_000, 1);
    expect(pacer.ratePerSecond()).toBeNull();
  });

  test('a place that is refused is lost, and the others of that round are kept for the next', () => {
    const pacer = createPacer({ random: () => 0.5 });
    const first = drive(pacer, ['served', 'served', 'served', 'refused'], 20, 4, 60_000);
    const due = pacer.nextAt(9_000, 1);
    expect(due).toBeGreaterThan((first[0] ?? 0) + WINDOW_MS);
    const ticket = pacer.send(due);
    pacer.refused(ticket, due + 20, null);
    const next = pacer.nextAt(due + 20, 1);
    expect(next).toBeGreaterThan((first[1] ?? 0) + 2 * WINDOW_MS);
    expect(next).toBeLessThan((first[1] ?? 0) + 2.2 * WINDOW_MS);
    expect(pacer.ratePerSecond()).toBe(0.2);
  });

  test('who has waited for a window and a half claims a refused place once more, and not twice', () => {
    const pacer = createPacer({ random: () => 0.5 });
    drive(pacer, ['served', 'served', 'served', 'refused'], 20, 4, 60_000);
    const rateAfterRefusal = (): number | null => {
      const due = pacer.nextAt(20_000, 8);
      const at = Math.max(due, 20_000);
      pacer.refused(pacer.send(at), at + 20, null);
      return pacer.ratePerSecond();
    };
    expect(pacer.ratePerSecond()).toBeCloseTo(0.3);
    expect(rateAfterRefusal()).toBeCloseTo(0.3);
    expect(rateAfterRefusal()).toBeCloseTo(0.2);
  });
});
