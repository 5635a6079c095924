export type SlotsOptions = {
  /** Between two of them, ms. */
  intervalMs: number;
  /** How many may go at once after a quiet time; default 1. */
  burst?: number;
  /** The interval after refusals, at most, ms. */
  maxIntervalMs?: number;
};

/** Slots in time for calls to one destination whose rate is known; they are handed out, so that whoever waits waits once. */
export type Slots = {
  /** When the call of this name may go, epoch ms: `now` at the earliest. Asked again, it keeps its slot until it is used. */
  reserve(name: string, now: number): number;
  /** The call of this name goes now. */
  use(name: string): void;
  served(): void;
  /** @param retryAfterMs what was asked for; null when nothing was said */
  refused(now: number, retryAfterMs: number | null): void;
};

const REFUSED_FACTOR = 2;
const SERVED_FACTOR = 0.9;
const DEFAULT_MAX_INTERVAL_MS = 30_000;

/** A slot that nobody came for is forgotten after this. */
const FORGOTTEN_AFTER_MS = 120_000;

/**
 * Evenly spaced slots with room for a burst (the generic cell rate algorithm). A refusal holds all of them back for as long
 * as was asked, and doubles the interval, since others that cannot be seen share the limit; what is served narrows it again.
 */
export function createSlots({ intervalMs, burst = 1, maxIntervalMs = DEFAULT_MAX_INTERVAL_MS }: SlotsOptions): Slots {
  if (!(intervalMs > 0)) throw new RangeError(`intervalMs must be above 0, got ${intervalMs}`);
  const reserved = new Map<string, number>();
  let spacingMs = intervalMs;
  let filledUntil = Number.NEGATIVE_INFINITY;
  let blockedUntil = Number.NEGATIVE_INFINITY;

  const forget = (now: number): void => {
    for (const [name, at] of reserved) {
      if (at + FORGOTTEN_AFTER_MS > now) return;
      reserved.delete(name);
    }
  };

  return {
    reserve(name, now) {
      const known = reserved.get(name);
      // A slot from before a refusal is one no more.
      if (known !== undefined && (known >= blockedUntil || now >= blockedUntil)) return Math.max(known, now);
      forget(now);
      reserved.delete(name);
      const at = Math.max(now, blockedUntil, filledUntil - (burst - 1) * spacingMs);
      filledUntil = Math.max(filledUntil, at) + spacingMs;
      reserved.set(name, at);
      return at;
    },
    use: (name) => void reserved.delete(name),
    served() {
      spacingMs = Math.max(intervalMs, spacingMs * SERVED_FACTOR);
    },
    refused(now, retryAfterMs) {
      spacingMs = Math.min(Math.max(maxIntervalMs, intervalMs), spacingMs * REFUSED_FACTOR);
      blockedUntil = Math.max(blockedUntil, now + (retryAfterMs ?? spacingMs));
      filledUntil = Math.max(filledUntil, blockedUntil);
    },
  };
}
