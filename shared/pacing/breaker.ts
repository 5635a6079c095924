import type { Random } from './random.ts';

export type BreakerState = 'closed' | 'open' | 'half-open';

export type BreakerOptions = {
  random: Random;
  /** Failures in a row that open it; at least 1. */
  failures?: number;
  /** Wait before the first probe, ms. */
  probeAfterMs?: number;
  /** The wait doubles with each failed probe up to this, ms. */
  maxProbeAfterMs?: number;
  /** A probe that never reports back is given up after this, ms. */
  probeTimeoutMs?: number;
};

export type Breaker = {
  /** `pass`: call. `probe`: call, as the one probe. `refuse`: do not call before `retryAt` (epoch ms). */
  ask(now: number): { kind: 'pass' } | { kind: 'probe' } | { kind: 'refuse'; retryAt: number };
  succeeded(now: number): void;
  failed(now: number): void;
  /** The call ended without saying anything about the other side (it was cancelled): frees the probe. */
  abandoned(): void;
  state(now: number): BreakerState;
  /** When it makes sense to ask again, epoch ms; in the past while it is closed. */
  retryAt(): number;
};

type Inner =
  | { state: 'closed'; failures: number }
  | { state: 'open'; until: number; opened: number }
  | { state: 'half-open'; probeUntil: number; opened: number };

/** Opens after repeated failure; when half open, one probe at a time finds out whether the other side is back. */
export function createBreaker(options: BreakerOptions): Breaker {
  const failures = options.failures ?? 5;
  const probeAfterMs = options.probeAfterMs ?? 15_000;
  const maxProbeAfterMs = options.maxProbeAfterMs ?? 30_000;
  const probeTimeoutMs = options.probeTimeoutMs ?? 60_000;
  if (!(failures >= 1)) throw new RangeError(`failures must be at least 1, got ${failures}`);
  if (!(probeAfterMs > 0)) throw new RangeError(`probeAfterMs must be above 0, got ${probeAfterMs}`);
  let inner: Inner = { state: 'closed', failures: 0 };

  const open = (now: number, opened: number): void => {
    // Half of the wait is random, so that a fleet that failed together does not probe together; never longer than the cap.
    const wait = Math.min(maxProbeAfterMs, probeAfterMs * 2 ** Math.min(opened, 30));
    inner = { state: 'open', until: now + wait * (0.5 + options.random() / 2), opened: opened + 1 };
  };

  return {
    ask(now) {
      switch (inner.state) {
        case 'closed':
          return { kind: 'pass' };
        case 'open':
          if (now < inner.until) return { kind: 'refuse', retryAt: inner.until };
          break;
        case 'half-open':
          if (now < inner.probeUntil) return { kind: 'refuse', retryAt: inner.probeUntil };
          break;
      }
      inner = { state: 'half-open', probeUntil: now + probeTimeoutMs, opened: inner.opened };
      return { kind: 'probe' };
    },
    succeeded() {
      inner = { state: 'closed', failures: 0 };
    },
    failed(now) {
      if (inner.state === 'half-open') open(now, inner.opened);
      else if (inner.state === 'closed') {
        inner = { state: 'closed', failures: inner.failures + 1 };
        if (inner.failures >= failures) open(now, 0);
      }
    },
    abandoned() {
      if (inner.state === 'half-open') inner = { state: 'open', until: Number.NEGATIVE_INFINITY, opened: inner.opened };
    },
    retryAt() {
      if (inner.state === 'closed') return Number.NEGATIVE_INFINITY;
      return inner.state === 'open' ? inner.until : inner.probeUntil;
    },
    state(now) {
      return inner.state === 'open' && now >= inner.until ? 'half-open' : inner.state;
    },
  };
}
