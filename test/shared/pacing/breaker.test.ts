import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createBreaker } from '../../../shared/pacing/breaker.ts';

const options = { random: () => 1 - 1e-9, failures: 3, probeAfterMs: 10_000, maxProbeAfterMs: 30_000 };

function opened() {
  const breaker = createBreaker(options);
  for (let i = 0; i < 3; i++) {
    expect(breaker.ask(0).kind).toBe('pass');
    breaker.failed(0);
  }
  return breaker;
}

describe('breaker', () => {
  test('opens after so many failures in a row and refuses without a call', () => {
    const breaker = opened();
    expect(breaker.state(0)).toBe('open');
    expect(breaker.ask(1).kind).toBe('refuse');
  });

  test('a success between failures keeps it closed', () => {
    const breaker = createBreaker(options);
    for (let i = 0; i < 10; i++) {
      breaker.failed(i);
      breaker.failed(i);
      breaker.succeeded(i);
    }
    expect(breaker.state(10)).toBe('closed');
  });

  test('half open lets exactly one probe through', () => {
    const breaker = opened();
    expect(breaker.state(10_000)).toBe('half-open');
    expect([1, 2, 3].map(() => breaker.ask(10_000).kind)).toEqual(['probe', 'refuse', 'refuse']);
  });

  test('a served probe closes it; a failed one doubles the wait up to its cap', () => {
    const breaker = opened();
    let now = 0;
    const waits: number[] = [];
    for (let i = 0; i < 4; i++) {
      const answer = breaker.ask(now);
      const retryAt = answer.kind === 'refuse' ? answer.retryAt : now;
      waits.push(Math.round(retryAt - now));
      now = retryAt;
      expect(breaker.ask(now).kind).toBe('probe');
      breaker.failed(now);
    }
    expect(waits).toEqual([10_000, 20_000, 30_000, 30_000]);
    expect(breaker.ask(now + 30_000).kind).toBe('probe');
    breaker.succeeded(now + 30_000);
    expect(breaker.state(now + 30_000)).toBe('closed');
  });

  test('a probe that was cancelled frees its place; one that never reports is given up', () => {
    const breaker = opened();
    expect(breaker.ask(10_000).kind).toBe('probe');
    breaker.abandoned();
    expect(breaker.ask(10_000).kind).toBe('probe');
    expect(breaker.ask(69_999).kind).toBe('refuse');
    expect(breaker.ask(70_000).kind).toBe('probe');
  });

  test.each([{ failures: 0 }, { failures: Number.NaN }, { probeAfterMs: 0 }])('refuses %j at construction', (bad) => {
    expect(() => createBreaker({ ...options, ...bad })).toThrow(RangeError);
  });

  test('property: while the other side is down, calls per hour are bounded, however often it is asked', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 100, maxLength: 500 }), (gaps) => {
        const breaker = createBreaker({ ...options, random: () => 0 });
        let now = 0;
        let calls = 0;
        for (const gap of gaps) {
          now += gap;
          if (breaker.ask(now).kind !== 'refuse') {
            calls++;
            breaker.failed(now);
          }
        }
        // 3 to open it, then a probe after 5, 10, 15, 15 … s at the least.
        expect(calls).toBeLessThanOrEqual(3 + 1 + now / 5_000);
      }),
    );
  });
});
