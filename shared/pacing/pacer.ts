/**
 * Paces the calls of one process to one service that counts requests in a sliding window, when nobody tells it how many
 * others share the limit.
 *
 * Three phases. `searching`: one request after another, quicker as they are served, until the first refusal tells the share.
 * `starting`: the share is reused slot by slot (a request served at t frees its place at t + window), with now and then one
 * request beside it, the more often the longer the wait would be. `sustained`: with more work than a start can be, additive
 * increase and multiplicative decrease alone, which converges to equal shares.
 *
 * A pure state machine: time and randomness are parameters. A refused request counts as sent, because some services count it.
 */
import type { Random } from './random.ts';
import { countSince, type Sends, trimSends } from './sends.ts';

export type PacerOptions = {
  random: Random;
  /** Length of the window in which the service counts, ms. Key Vault: 10,000. */
  windowMs?: number;
  /** Requests that the service serves in one window, used only together with `fleetSize`. */
  windowLimit?: number;
  /** Processes that share the limit: the first guess of the share is `windowLimit / fleetSize`. Absent: searched for. */
  fleetSize?: number;
  /** Longest Retry-After that is obeyed, ms. */
  maxRetryAfterMs?: number;
};

export type Ticket = { sentAt: number; kind: 'search' | 'slot' | 'probe' };

export type Pacer = {
  /**
   * When the next request may be sent, epoch ms: `now` or earlier means at once, `Infinity` means not before an answer.
   * @param waiting requests that wait to be sent, this one included; at least 1
   */
  nextAt(now: number, waiting: number): number;
  /** Call only when `nextAt` allows it; give the ticket back to exactly one of the three below. */
  send(now: number): Ticket;
  served(ticket: Ticket, now: number): void;
  /** @param retryAfterMs what the service asked for; null when it said nothing */
  refused(ticket: Ticket, now: number, retryAfterMs: number | null): void;
  /** The call failed without saying anything about the limit. */
  failed(ticket: Ticket, now: number): void;
  /** A ceiling from outside, requests a second of this process; null lifts it. */
  limit(maxPerSecond: number | null): void;
  /** Present rate, requests a second; null while no share is known. */
  ratePerSecond(): number | null;
};

/** @see bench/RESULTS.md for the matrix these were chosen on: no single case, but the whole. */
const GUARD_MS = 100; // a slot is reused this long after it is free: clocks and latencies differ
const SEARCH_GAP_MS = 100; // between the first two requests; a fleet that starts at once then finds equal shares
const SEARCH_GAP_FACTOR = 0.93; // 20 secrets of a lone process take 1.1 s
const SEARCH_EXTRA_IN_FLIGHT = 20; // one more request in flight for each so many served
const PROBE_WINDOWS = 1.5;
const PROBE_SHARE_PENALTY = 4; // a probe costs a small share relatively more
const PROBE_MIN_WINDOWS = 0.5;
const PROBE_MAX_WINDOWS = 8;
const PATIENCE_WINDOWS = 5; // a start that takes so many windows is content; a longer one probes with the square of it
const IMPATIENT_AFTER_WINDOWS = 3;
const SHARE_MIN = 0.25; // one request in 4 windows
const CUT = 0.9;
const CUT_BELOW_ONE = 0.7;
const RECOVER_BELOW_ONE = 1.2;
const SUSTAINED_BACKLOG_WINDOWS = 120;
const SUSTAINED_AGE_WINDOWS = 20;
const SUSTAINED_CUT = 0.8;
const SUSTAINED_INCREASE = 0.25; // requests a window, each window
const SUSTAINED_GROWTH = 0.03; // and this part of the share, each window
const BACKOFF_MS = 1_000; // 1, 2, 4, 8, 16 s with full jitter
const BACKOFF_MAX_MS = 16_000;
const RETRY_AFTER_JITTER_MS = 500;
const FORGET_WINDOWS = 30; // without a refusal for so long and idle, the share is searched for anew

export function createPacer(options: PacerOptions): Pacer {
  const { random } = options;
  const windowMs = options.windowMs ?? 10_000;
  const maxRetryAfterMs = options.maxRetryAfterMs ?? 60_000;
  const hinted =
    options.fleetSize === undefined ? null : (options.windowLimit ?? 2_000) / Math.max(1, options.fleetSize);

  let share: number | null = hinted; // requests a window; null while searching
  let trusted = hinted !== null; // a hinted share is not probed: everybody has the same
  let ceiling: number | null = null; // requests a window, from outside
  const sends: Sends = { times: [], head: 0 };
  const serves: Sends = { times: [], head: 0 };
  let inFlight = 0;
  let waiting = 0;
  let busySince = Number.NEGATIVE_INFINITY;
  let idleSince: number | null = Number.NEGATIVE_INFINITY; // null while there is work
  let lastSendAt = Number.NEGATIVE_INFINITY;
  let lastServedAt = Number.NEGATIVE_INFINITY;
  let lastRefusedAt = Number.NEGATIVE_INFINITY;
  let lastCutAt = Number.NEGATIVE_INFINITY;
  let blockedUntil = Number.NEGATIVE_INFINITY;
  let servedInBusy = 0;
  let refusalsInRow = 0;
  let chain = false; // the last probe was served: capacity is free, so the next follows at once
  let probeFrom = Number.POSITIVE_INFINITY;
  let draw = random(); // of the next probe
  let evenDraw = random(); // of the next send while sustained
  let offset = hinted !== null && hinted < 1 ? random() : 0; // shares below one request a window start spread

  const effective = (): number | null => {
    if (ceiling === null) return share;
    return share === null ? ceiling : Math.min(share, ceiling);
  };

  /** When the sliding window of this process's own share has room again. */
  const slotAt = (limit: number): number => {
    const count = Math.max(1, Math.ceil(limit - 1e-9));
    const index = sends.times.length - count;
    const before = index < sends.head ? undefined : sends.times[index];
    return before === undefined ? Number.NEGATIVE_INFINITY : before + ((windowMs + GUARD_MS) * count) / limit;
  };

  /** Evenly spaced with jitter, so that a refusal meets everybody in proportion to what they send: that makes shares equal. */
  const evenAt = (known: number): number => lastSendAt + (windowMs / known) * (0.5 + evenDraw);

  const ageWindows = (now: number): number => (now - busySince) / windowMs;
  const isSustained = (now: number, known: number): boolean =>
    waiting / Math.max(known, 1) > SUSTAINED_BACKLOG_WINDOWS || ageWindows(now) > SUSTAINED_AGE_WINDOWS;
  /** Windows that the whole start will have taken at the present share. */
  const projectedWindows = (now: number, known: number): number => ageWindows(now) + waiting / Math.max(known, 1);

  const probeAt = (now: number, known: number): number => {
    const projected = projectedWindows(now, known);
    if (chain && projected > PATIENCE_WINDOWS) return lastSendAt + SEARCH_GAP_MS;
    const impatience = (projected / PATIENCE_WINDOWS) ** 2 * Math.max(1, ageWindows(now) / IMPATIENT_AFTER_WINDOWS);
    const spacing =
      (PROBE_WINDOWS / impatience) * (1 + PROBE_SHARE_PENALTY / Math.max(known, 0.5)) * 2 ** refusalsInRow;
    const windows = Math.min(PROBE_MAX_WINDOWS, Math.max(PROBE_MIN_WINDOWS, spacing));
    const due = probeFrom + windows * windowMs * (0.5 + draw);
    // Right after an own served slot is when other slots are likely to be free; a process with one slot has no such moment.
    const aligned = lastServedAt + SEARCH_GAP_MS;
    if (due <= aligned) return aligned;
    return Math.max(due + (known > 1 ? windowMs : 0), lastSendAt + SEARCH_GAP_MS);
  };

  const beginBusy = (now: number): void => {
    busySince = now;
    servedInBusy = 0;
    if (now - lastRefusedAt > FORGET_WINDOWS * windowMs && lastRefusedAt !== Number.NEGATIVE_INFINITY) {
      share = hinted;
      trusted = hinted !== null;
      lastRefusedAt = Number.NEGATIVE_INFINITY;
      refusalsInRow = 0;
    }
    if (offset > 0 && hinted !== null) {
      blockedUntil = Math.max(blockedUntil, now + offset * (windowMs / hinted));
      offset = 0;
    }
  };

  const settle = (now: number): void => {
    inFlight--;
    if (inFlight === 0 && waiting === 0) idleSince = now;
  };

  const replan = (now: number): void => {
    chain = false;
    probeFrom = now;
    draw = random();
  };

  return {
    nextAt(now, count) {
      waiting = count;
      if (idleSince !== null && now - idleSince > windowMs) beginBusy(now);
      idleSince = null;
      const limit = effective();
      if (share === null) {
        if (inFlight > Math.floor(servedInBusy / SEARCH_EXTRA_IN_FLIGHT)) return Number.POSITIVE_INFINITY;
        const gap = lastSendAt + SEARCH_GAP_MS * SEARCH_GAP_FACTOR ** servedInBusy;
        return Math.max(blockedUntil, gap, limit === null ? gap : slotAt(limit));
      }
      const floor = Math.max(blockedUntil, ceiling === null ? Number.NEGATIVE_INFINITY : slotAt(ceiling));
      if (isSustained(now, share)) return Math.max(floor, evenAt(share));
      const slot = slotAt(share);
      const mayProbe = inFlight === 0 && !trusted && (ceiling === null || share < ceiling);
      return Math.max(floor, mayProbe ? Math.min(slot, probeAt(now, share)) : slot);
    },
    send(now) {
      const limit = effective();
      const kind =
        share === null || limit === null
          ? 'search'
          : isSustained(now, limit) || slotAt(limit) <= now
            ? 'slot'
            : 'probe';
      sends.times.push(now);
      trimSends(sends, now - Math.max(windowMs * 5, ((windowMs + GUARD_MS) * 1.01) / Math.min(1, limit ?? 1)));
      lastSendAt = now;
      evenDraw = random();
      inFlight++;
      waiting = Math.max(0, waiting - 1);
      return { sentAt: now, kind };
    },
    served(ticket, now) {
      settle(now);
      refusalsInRow = 0;
      servedInBusy++;
      lastServedAt = now;
      serves.times.push(ticket.sentAt);
      trimSends(serves, now - windowMs);
      if (share === null) return;
      if (ticket.kind === 'probe') {
        share += 1;
        chain = true;
        probeFrom = now;
        draw = random();
      } else if (share < 1) share = Math.min(1, share * RECOVER_BELOW_ONE);
      else if (isSustained(now, share)) share += SUSTAINED_INCREASE / share + SUSTAINED_GROWTH;
    },
    refused(ticket, now, retryAfterMs) {
      inFlight--;
      refusalsInRow++;
      lastRefusedAt = now;
      const served = countSince(serves, now - windowMs);
      if (share === null || (trusted && share > 1)) {
        share = Math.max(1, share === null ? served : Math.min(share, served));
        trusted = false;
        lastCutAt = now;
        if (served === 0) blockedUntil = Math.max(blockedUntil, now + windowMs - GUARD_MS);
      } else if (ticket.kind !== 'probe') {
        const sustained = isSustained(now, share);
        if (ticket.sentAt > lastCutAt) {
          share = Math.max(SHARE_MIN, share * (share <= 1 ? CUT_BELOW_ONE : sustained ? SUSTAINED_CUT : CUT));
          lastCutAt = now;
        }
      }
      replan(now);
      const pause =
        retryAfterMs === null
          ? random() * Math.min(BACKOFF_MAX_MS, BACKOFF_MS * 2 ** (refusalsInRow - 1))
          : Math.min(retryAfterMs, maxRetryAfterMs) + random() * RETRY_AFTER_JITTER_MS;
      blockedUntil = Math.max(blockedUntil, now + pause);
    },
    failed(_ticket, now) {
      settle(now);
    },
    limit(maxPerSecond) {
      ceiling = maxPerSecond === null ? null : Math.max(0.01, maxPerSecond) * (windowMs / 1_000);
    },
    ratePerSecond() {
      const limit = effective();
      return limit === null ? null : (limit * 1_000) / windowMs;
    },
  };
}
