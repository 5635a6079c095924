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
import { countSince, type Send, type Sends, trimSends } from './sends.ts';

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

export type Ticket = Send & { kind: 'search' | 'slot' | 'probe' };

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
const GUARD_MS = 100; // a slot is reused this long after its request was answered: clocks differ, if little
const SEARCH_GAP_MS = 300; // between the first two requests: wide enough that a fleet that starts at once finds equal shares
const PROBE_GAP_MS = 100;
const SEARCH_GAP_FACTOR = 0.8; // narrows: 20 secrets of a lone process take 1.5 s
const SEARCH_EXTRA_IN_FLIGHT = 20; // one more request in flight for each so many served
const PROBE_WINDOWS = 1.5;
const PROBE_SHARE_PENALTY = 4; // a probe costs a small share relatively more
const PROBE_MIN_WINDOWS = 0.5;
const PROBE_MAX_WINDOWS = 8;
const CONTENT_WINDOWS = 5; // a start that takes so many windows takes no more than it has
const PATIENCE_WINDOWS = 6; // a longer one than this probes more
const PATIENCE_POWER = 6; // and steeply so: probes among equals only take from each other
const IMPATIENT_AFTER_WINDOWS = 3; // and waiting itself makes impatient, when the luckier ones are through
const IMPATIENT_POWER = 3;
const NEARLY_DONE_WINDOWS = 0.25;
const SHARE_MIN = 0.25; // one request in 4 windows
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
  const sends: Sends = { items: [], head: 0 };
  const serves: Sends = { items: [], head: 0 };
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

  /** When the sliding window of this process's own share has room again, for the next request or one `ahead` of it. */
  const slotAt = (limit: number, ahead = 0): number => {
    const count = Math.max(1, Math.ceil(limit - 1e-9));
    const index = sends.items.length - count + Math.min(ahead, count - 1);
    const before = index < sends.head ? undefined : sends.items[index];
    return before === undefined ? Number.NEGATIVE_INFINITY : before.countedAt + ((windowMs + GUARD_MS) * count) / limit;
  };

  /** Evenly spaced with jitter, so that a refusal meets everybody in proportion to what they send: that makes shares equal. */
  const evenAt = (known: number): number => lastSendAt + (windowMs / known) * (0.5 + evenDraw);

  const ageWindows = (now: number): number => (now - busySince) / windowMs;
  const isSustained = (now: number, known: number): boolean =>
    waiting / Math.max(known, 1) > SUSTAINED_BACKLOG_WINDOWS || ageWindows(now) > SUSTAINED_AGE_WINDOWS;
  /** Windows that the whole start will have taken at the present share. */
  const projectedWindows = (now: number, known: number): number => ageWindows(now) + waiting / Math.max(known, 1);

  const probeAt = (now: number, known: number): number => {
    // The own slots will do within a moment: a probe would only take somebody else's.
    if (waiting <= known && slotAt(known, waiting - 1) <= now + windowMs * NEARLY_DONE_WINDOWS)
      return Number.POSITIVE_INFINITY;
    const projected = projectedWindows(now, known);
    if (chain && projected > CONTENT_WINDOWS) return lastSendAt + PROBE_GAP_MS;
    const impatience =
      (projected / PATIENCE_WINDOWS) ** PATIENCE_POWER *
      Math.max(1, ageWindows(now) / IMPATIENT_AFTER_WINDOWS) ** IMPATIENT_POWER;
    const spacing = (PROBE_WINDOWS / impatience) * (1 + PROBE_SHARE_PENALTY / Math.max(known, 0.5));
    // Refused again and again: the limit is taken, and where refusals count, asking is what keeps it so.
    const windows = Math.min(
      PROBE_MAX_WINDOWS,
      Math.max(PROBE_MIN_WINDOWS, spacing) * 2 ** Math.max(0, refusalsInRow - 1),
    );
    const due = probeFrom + windows * windowMs * (0.5 + draw);
    // Right after an own served slot is when other slots are likely to be free; a process with one slot has no such moment.
    const aligned = lastServedAt + PROBE_GAP_MS;
    if (due <= aligned) return aligned;
    return Math.max(due + (known > 1 ? windowMs : 0), lastSendAt + PROBE_GAP_MS);
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
      const ticket: Ticket = { sentAt: now, countedAt: now, kind };
      sends.items.push(ticket);
      trimSends(sends, now - Math.max(windowMs * 5, ((windowMs + GUARD_MS) * 1.01) / Math.min(1, limit ?? 1)));
      lastSendAt = now;
      evenDraw = random();
      inFlight++;
      waiting = Math.max(0, waiting - 1);
      return ticket;
    },
    served(ticket, now) {
      settle(now);
      ticket.countedAt = now;
      refusalsInRow = 0;
      servedInBusy++;
      lastServedAt = now;
      serves.items.push(ticket);
      trimSends(serves, now - windowMs);
      if (share === null) return;
      if (ticket.kind === 'probe') {
        share += 1;
        chain = true;
        probeFrom = now;
        draw = random();
      } else if (share < 1) share = Math.min(1, 1 / Math.max(1, 1 / share - 1));
      else if (isSustained(now, share)) share += SUSTAINED_INCREASE / share + SUSTAINED_GROWTH;
    },
    refused(ticket, now, retryAfterMs) {
      inFlight--;
      ticket.countedAt = now;
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
          if (sustained && share > 1) share = Math.max(1, share * SUSTAINED_CUT);
          else if (share > 1) share = Math.max(1, Math.min(Math.ceil(share) - 1, served));
          else share = Math.max(SHARE_MIN, 1 / (1 / share + 1));
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
    failed(ticket, now) {
      ticket.countedAt = now;
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
