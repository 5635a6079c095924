/**
 * Paces the calls of one process to one service that counts requests in a sliding window, when nobody tells it how many
 * others share the limit.
 *
 * `searching`: one request after another, quicker as they are served, until the first refusal. `holding`: each served
 * request is a place in the window, used again when it is free; a refused one is lost, once not for who has waited long,
 * and the others of that round wait for the next. Beside the places a probe now and then looks for room that others have
 * left, the more often the longer the wait would be, and at once for the small rest of a start; one that is served is
 * followed by the next. Without any place it knocks now and then. `lasting`: with more work than a start can be, additive
 * increase and multiplicative decrease alone.
 *
 * A pure state machine: time and randomness are parameters. A refused request counts as sent, because some services count it.
 */
import { knockAfterWindows } from './knocking.ts';
import { cutRate, raiseRate } from './lasting-rate.ts';
import { createPlaces } from './places.ts';
import { isContent, isSmallRest, type Outlook, probeAfterWindows } from './probing.ts';
import type { Random } from './random.ts';
import { createSends, type Send } from './sends.ts';

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

export type Ticket = Send & { kind: 'search' | 'place' | 'probe' | 'knock' | 'even' };

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

/** Chosen on the whole matrix of bench/fleet with several seeds each, on no single case. @see bench/RESULTS.md */
const GUARD_MS = 500; // a place is used again this late: room for newcomers, and for refusals where they count
const SENIOR_WINDOWS = 1.5; // who has waited so long claims a refused place once more: whoever took it may have come later
const SEARCH_GAP_MS = 240; // between the first two requests: wide enough that a fleet that starts at once finds equal shares
const SEARCH_GAP_FACTOR = 0.85; // narrows: 20 secrets of a lone process take a second and a half
const EXTRA_IN_FLIGHT = 20; // one more request in flight for each so many served in a row: a volley is refused as a whole
const PROBE_GAP_MS = 200; // after an own place was served, or the probe before
const SURE_AFTER_PROBES = 12; // so many served in a row are no luck: there is room, and all of it is used
const NEARLY_DONE_WINDOWS = 0.5; // when the own places will do so soon, a probe would only take somebody else's
const PAUSE_MS = 2_600; // longest after one refusal, doubled for each place refused after another
const PAUSE_MAX_MS = 8_000;
const RETRY_AFTER_JITTER_MS = 500;
const LASTING_BACKLOG_WINDOWS = 120;
const LASTING_AGE_WINDOWS = 20;
const FORGET_WINDOWS = 30; // without a refusal for so long and idle, the share is searched for anew

export function createPacer(options: PacerOptions): Pacer {
  const { random } = options;
  const windowMs = options.windowMs ?? 10_000;
  const maxRetryAfterMs = options.maxRetryAfterMs ?? 60_000;
  const hinted =
    options.fleetSize === undefined ? null : (options.windowLimit ?? 2_000) / Math.max(1, options.fleetSize);

  // `hinted`: everybody has the same share, so nobody probes, until a refusal says otherwise.
  let phase: 'searching' | 'hinted' | 'holding' | 'lasting' = hinted === null ? 'searching' : 'hinted';
  let lastingRate = 1; // requests a window
  let ceiling: number | null = null; // requests a window, from outside
  const places = createPlaces();
  const sends = createSends();
  let inFlight = 0;
  let waiting = 0;
  let served = 0; // since the work began
  let servedInRow = 0;
  let busySince = Number.NEGATIVE_INFINITY;
  let idleSince: number | null = Number.NEGATIVE_INFINITY; // null while there is work
  let lastSendAt = Number.NEGATIVE_INFINITY;
  let lastPlaceServedAt = Number.NEGATIVE_INFINITY;
  let lastRefusedAt = Number.NEGATIVE_INFINITY;
  let lastCutAt = Number.NEGATIVE_INFINITY;
  let blockedUntil = Number.NEGATIVE_INFINITY;
  let refusedProbes = 0; // in a row; knocks too
  let refusedPlaces = 0; // in a row
  let probesServed = 0; // in a row, and the last one just now: 0 once one was refused
  let probeFrom = 0;
  let draw = random(); // of the next probe, or of the next even send
  let offset = hinted !== null && hinted < 1 ? random() : 0; // shares below one request a window start spread

  const roomAt = (limit: number): number => sends.roomAt(limit, windowMs + GUARD_MS);
  const held = (): number => Math.max(1, places.count());
  const ageWindows = (now: number): number => (now - busySince) / windowMs;
  const outlook = (now: number): Outlook => ({ ageWindows: ageWindows(now), waiting, held: held() });

  const knownRate = (): number | null => {
    if (phase === 'searching') return null;
    if (phase === 'lasting') return lastingRate;
    return phase === 'hinted' ? hinted : held();
  };

  const searchAt = (): number => lastSendAt + SEARCH_GAP_MS * SEARCH_GAP_FACTOR ** served;

  /** Right after an own place, for that is when places of others are likely to be free as well. */
  const probeAt = (now: number): number => {
    if (places.dueAt(waiting - 1) < now + windowMs * NEARLY_DONE_WINDOWS) return Number.POSITIVE_INFINITY;
    const next = lastPlaceServedAt + PROBE_GAP_MS;
    const roundIsOver = places.dueAt() > now + windowMs / 2;
    const state = outlook(now);
    if (isSmallRest(state) && roundIsOver && probeFrom <= lastPlaceServedAt) return next;
    const from = probeFrom + probeAfterWindows(state, refusedProbes, draw) * windowMs;
    return from <= next ? next : Number.POSITIVE_INFINITY;
  };

  const knockAt = (): number => {
    const knocker = { refusals: refusedProbes, wasServed: served > 0, ageWindows: ageWindows(probeFrom), draw };
    return probeFrom + knockAfterWindows(knocker) * windowMs;
  };

  const holdingAt = (now: number): number => {
    if (inFlight > 0) return places.dueAt();
    const goesOn = probesServed >= SURE_AFTER_PROBES || !isContent(outlook(now));
    if (probesServed > 0 && goesOn) return Math.min(places.dueAt(), lastSendAt + PROBE_GAP_MS);
    return places.count() === 0 ? knockAt() : Math.min(places.dueAt(), probeAt(now));
  };

  const phaseAt = (now: number): number => {
    if (phase === 'hinted') return roomAt(hinted ?? 1);
    if (phase !== 'lasting' && inFlight > Math.floor(servedInRow / EXTRA_IN_FLIGHT)) return Number.POSITIVE_INFINITY;
    if (phase === 'searching') return searchAt();
    if (phase === 'holding') return holdingAt(now);
    // Evenly spaced with jitter, so that a refusal meets everybody in proportion to what they send.
    return lastSendAt + (windowMs / lastingRate) * (0.5 + draw);
  };

  const beginBusy = (now: number): void => {
    busySince = now;
    served = 0;
    servedInRow = 0;
    refusedPlaces = 0;
    refusedProbes = 0;
    probesServed = 0;
    probeFrom = now;
    const forget = now - lastRefusedAt > FORGET_WINDOWS * windowMs && lastRefusedAt !== Number.NEGATIVE_INFINITY;
    if (forget) {
      phase = hinted === null ? 'searching' : 'hinted';
      places.clear();
      lastRefusedAt = Number.NEGATIVE_INFINITY;
    } else if (phase === 'lasting') phase = 'holding';
    if (offset > 0 && hinted !== null) {
      blockedUntil = Math.max(blockedUntil, now + offset * (windowMs / hinted));
      offset = 0;
    }
  };

  const settle = (ticket: Ticket, now: number): void => {
    ticket.countedAt = now;
    inFlight--;
    if (inFlight === 0 && waiting === 0) idleSince = now;
  };

  const keepPlace = (now: number): void => places.add(now + windowMs + GUARD_MS);

  return {
    nextAt(now, count) {
      waiting = count;
      if (idleSince !== null && now - idleSince > windowMs) beginBusy(now);
      idleSince = null;
      const known = knownRate();
      if (known !== null && phase !== 'lasting') {
        const lasts = waiting / Math.max(1, known) > LASTING_BACKLOG_WINDOWS || ageWindows(now) > LASTING_AGE_WINDOWS;
        if (lasts) {
          phase = 'lasting';
          lastingRate = known;
        }
      }
      return Math.max(blockedUntil, phaseAt(now), ceiling === null ? Number.NEGATIVE_INFINITY : roomAt(ceiling));
    },
    send(now) {
      const ticket: Ticket = { sentAt: now, countedAt: now, kind: 'search' };
      const usesPlace = places.dueAt() <= now;
      if (usesPlace) places.drop();
      if (phase === 'lasting') ticket.kind = 'even';
      else if (usesPlace || phase === 'hinted') ticket.kind = 'place';
      else if (phase === 'holding') ticket.kind = places.count() === 0 && probesServed === 0 ? 'knock' : 'probe';
      const least = Math.min(1, knownRate() ?? 1, ceiling ?? 1);
      sends.add(ticket);
      sends.trim(now - Math.max(windowMs * 5, ((windowMs + GUARD_MS) * 1.01) / least));
      lastSendAt = now;
      if (phase === 'lasting') draw = random();
      inFlight++;
      waiting = Math.max(0, waiting - 1);
      return ticket;
    },
    served(ticket, now) {
      settle(ticket, now);
      served++;
      servedInRow++;
      refusedPlaces = 0;
      keepPlace(now);
      if (ticket.kind === 'place') lastPlaceServedAt = now;
      else if (ticket.kind === 'even') lastingRate = raiseRate(lastingRate);
      else if (ticket.kind !== 'search') {
        probesServed++;
        refusedProbes = 0;
        probeFrom = now;
        draw = random();
      }
    },
    refused(ticket, now, retryAfterMs) {
      ticket.countedAt = now;
      inFlight--;
      waiting++;
      servedInRow = 0;
      lastRefusedAt = now;
      if (phase === 'searching' || phase === 'hinted') phase = 'holding';
      if (ticket.kind === 'even') {
        if (ticket.sentAt > lastCutAt) {
          lastingRate = cutRate(lastingRate);
          lastCutAt = now;
        }
      } else if (ticket.kind === 'place') {
        refusedPlaces++;
        // The window is full, and will be until it has turned: what more falls free of this round would meet the same.
        // Without the guard, so that they come before whoever took their room, who will wait for as long as the guard.
        places.defer(now + windowMs / 2, windowMs);
        if (refusedPlaces === 1 && ageWindows(now) >= SENIOR_WINDOWS) places.add(now + windowMs);
      } else {
        refusedProbes++;
        // The refused one may have been counted, just after the first place was: that one is free so much later.
        if (ticket.kind === 'search' && places.count() > 0) {
          places.drop();
          keepPlace(now);
        }
      }
      probesServed = 0;
      probeFrom = now;
      draw = random();
      const pause =
        retryAfterMs === null
          ? random() * Math.min(PAUSE_MAX_MS, PAUSE_MS * 2 ** Math.max(0, refusedPlaces - 1))
          : Math.min(retryAfterMs, maxRetryAfterMs) + random() * RETRY_AFTER_JITTER_MS;
      blockedUntil = Math.max(blockedUntil, now + pause);
    },
    failed(ticket, now) {
      settle(ticket, now);
      if (ticket.kind === 'place') keepPlace(now);
    },
    limit(maxPerSecond) {
      ceiling = maxPerSecond === null ? null : Math.max(0.01, maxPerSecond) * (windowMs / 1_000);
    },
    ratePerSecond() {
      const known = knownRate();
      const limit = ceiling === null ? known : Math.min(known ?? Number.POSITIVE_INFINITY, ceiling);
      return limit === null ? null : (limit * 1_000) / windowMs;
    },
  };
}
