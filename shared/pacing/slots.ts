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
  /**
   * When the call of this name may go, epoch ms: `now` at the earliest. Asked again, it keeps its slot until it is used.
   *
   * @param isUrgent it goes before those that wait, which then go one later
   */
  reserve(name: string, now: number, isUrgent?: boolean): number;
  /** The call of this name goes now. */
  use(name: string): void;
  served(): void;
  /** @param retryAfterMs what was asked for; null when nothing was said */
  refused(now: number, retryAfterMs: number | null): void;
};

const REFUSED_FACTOR = 2;
const SERVED_FACTOR = 0.9;
const DEFAULT_MAX_INTERVAL_MS = 30_000;

/** A slot that nobody came for is forgotten after this, and one that was given and not used. */
const FORGOTTEN_AFTER_MS = 120_000;
const UNUSED_AFTER_MS = 5_000;

/**
 * Evenly spaced slots with room for a burst (the generic cell rate algorithm). A refusal holds all of them back for as long
 * as was asked, and doubles the interval, since others that cannot be seen share the limit; what is served narrows it again.
 */
export function createSlots({ intervalMs, burst = 1, maxIntervalMs = DEFAULT_MAX_INTERVAL_MS }: SlotsOptions): Slots {
  if (!(intervalMs > 0)) throw new RangeError(`intervalMs must be above 0, got ${intervalMs}`);
  /** Slots to come, by name, and those whose time is now. */
  const reserved = new Map<string, number>();
  const given = new Map<string, number>();
  /** What is urgent and waits: nobody goes before it. */
  const urgent = new Map<string, number>();
  let spacingMs = intervalMs;
  let blockedUntil = Number.NEGATIVE_INFINITY;
  // When the next one would be due without any burst: of those reserved, of those given, of those that came late.
  let filledUntil = Number.NEGATIVE_INFINITY;
  let givenUntil = Number.NEGATIVE_INFINITY;
  let lateUntil = Number.NEGATIVE_INFINITY;

  const withBurst = (until: number): number => until - (burst - 1) * spacingMs;

  const wait = (name: string, at: number, among: Map<string, number>): number => {
    among.set(name, at);
    return at;
  };

  /** When there is room after what is urgent and about to go; in the past when nothing is. */
  const afterUrgent = (now: number): number => {
    forget(urgent, now - UNUSED_AFTER_MS);
    const next = Math.min(...urgent.values());
    return next <= now + spacingMs ? Math.max(next, now) + spacingMs : now;
  };

  const give = (name: string, now: number): number => {
    reserved.delete(name);
    urgent.delete(name);
    given.set(name, now);
    givenUntil = Math.max(givenUntil, now) + spacingMs;
    return now;
  };

  const forget = (slots: Map<string, number>, before: number): void => {
    for (const [name, at] of slots) {
      if (at > before) return;
      slots.delete(name);
    }
  };

  return {
    reserve(name, now, isUrgent = false) {
      forget(given, now - UNUSED_AFTER_MS);
      if (given.has(name)) return now;
      const known = reserved.get(name);
      const isValid = known !== undefined && (known >= blockedUntil || now >= blockedUntil);
      if (isValid && known > now) return known;
      const freeAt = Math.max(now, blockedUntil, withBurst(givenUntil), isUrgent ? now : afterUrgent(now));
      if ((isValid || isUrgent) && freeAt <= now) return give(name, now);
      if (isUrgent) return wait(name, freeAt, urgent);
      if (isValid) {
        // Those that come late for their slots come in a heap: they are spaced by when the others really went.
        const at = Math.max(freeAt, lateUntil);
        lateUntil = at + spacingMs;
        return wait(name, at, reserved);
      }
      forget(reserved, now - FORGOTTEN_AFTER_MS);
      const at = Math.max(freeAt, withBurst(filledUntil));
      filledUntil = Math.max(filledUntil, at) + spacingMs;
      return at <= now ? give(name, now) : wait(name, at, reserved);
    },
    use: (name) => void given.delete(name),
    served() {
      spacingMs = Math.max(intervalMs, spacingMs * SERVED_FACTOR);
    },
    refused(now, retryAfterMs) {
      spacingMs = Math.min(Math.max(maxIntervalMs, intervalMs), spacingMs * REFUSED_FACTOR);
      blockedUntil = Math.max(blockedUntil, now + (retryAfterMs ?? spacingMs));
      filledUntil = Math.max(filledUntil, blockedUntil);
      lateUntil = Math.max(lateUntil, blockedUntil);
    },
  };
}
