import { RATES } from '../chat/rates.ts';
import { asHeadroomError, HeadroomError, isRetryable } from '../errors.ts';
import type { Effect, Incident } from '../model.ts';
import { type Breaker, createBreaker } from '../pacing/breaker.ts';
import { type Bulkhead, createBulkhead } from '../pacing/bulkhead.ts';
import { createSlots, type Slots } from '../pacing/slots.ts';
import type { ChatSender, Clock, Random } from '../ports.ts';

type Destination = Pick<ChatSender, 'key' | 'platform' | 'canEdit'>;

/**
 * How much at once and how often this process asks of what it depends on. What has to wait goes back to the queue with the
 * time at which it is due, and holds no function meanwhile. Instances share no memory: each keeps to this by itself, and
 * is calmed by each refusal that it meets.
 */
export type Levels = {
  /**
   * When an effect may be sent, epoch ms: `now` or earlier means at once. Asked again, it keeps its turn. What tells of many
   * incidents goes before what tells of one.
   */
  turnOf(sender: Destination, effect: Effect, incident: Pick<Incident, 'id' | 'storm'>, now: number): number;
  /** Sends in the turn that was given, and learns from how it ends. */
  send<T>(sender: Destination, effect: Effect, incidentId: string, run: () => Promise<T>): Promise<T>;
  /** Reads evidence in places (a cloud, a log store) if each has room; else says how long to wait. */
  read<T>(places: readonly string[], name: string, run: () => Promise<T>): Promise<{ done: T } | { waitMs: number }>;
};

/** Sends to one destination at once: a slow one must not take every worker. */
const SENDS_AT_ONCE = 3;
/** Edits of one message for nothing but newer numbers are this far apart. */
const EDIT_GAP_MS = 3_000;
const FULL_WAIT_MS = 1_000;

/** Reads of one store, or about one cloud, at once. @see Log Analytics takes 5 queries of a user at once */
const READS_AT_ONCE = 3;
/** And in a minute: far below what stores allow (Log Analytics: 200 in 30 s), which others need as well. */
const READS_PER_MINUTE = 60;
const READS_BURST = 10;

/** A chat that failed so often in a row is left alone for a while; one send then finds out whether it is back. */
const BREAKER = { failures: 5, probeAfterMs: 5_000, maxProbeAfterMs: 60_000, probeTimeoutMs: 30_000 } as const;

/** @param rates how often each platform's destinations take something; absent: as they publish it */
export function createLevels(ports: { clock: Clock; random: Random }, rates: typeof RATES = RATES): Levels {
  const lanes = keyed((platformAndKind: string): Slots | null => {
    const [platform, kind] = platformAndKind.split(' ') as [ChatSender['platform'], 'post' | 'edit'];
    const rate = rates[platform]?.[kind];
    return rate ? createSlots(rate) : null;
  });
  const rooms = keyed((): Bulkhead => createBulkhead({ maxActive: SENDS_AT_ONCE, maxQueued: 1_000 }));
  const breakers = keyed((): Breaker => createBreaker({ random: ports.random, ...BREAKER }));
  const places = keyed((): Bulkhead => createBulkhead({ maxActive: READS_AT_ONCE, maxQueued: 0 }));
  const reads = keyed((): Slots => createSlots({ intervalMs: 60_000 / READS_PER_MINUTE, burst: READS_BURST }));
  const laneOf = ({ platform, key, canEdit }: Destination, { delivered }: Effect): Slots | null =>
    lanes(`${platform} ${canEdit && delivered ? 'edit' : 'post'}`, key);

  return {
    turnOf(sender, effect, { id, storm }, now) {
      const { delivered, reason } = effect;
      const gapEndsAt =
        delivered && sender.canEdit && reason === 'update' ? Date.parse(delivered.at) + EDIT_GAP_MS : now;
      const heldUntil = breakers('', sender.key).retryAt();
      if (gapEndsAt > now || heldUntil > now) return Math.max(gapEndsAt, heldUntil);
      const room = rooms('', sender.key);
      if (room.active + room.queued >= SENDS_AT_ONCE) return now + FULL_WAIT_MS;
      return laneOf(sender, effect)?.reserve(id, now, storm !== undefined) ?? now;
    },

    async send(sender, effect, incidentId, run) {
      const lane = laneOf(sender, effect);
      const breaker = breakers('', sender.key);
      lane?.use(incidentId);
      const asked = breaker.ask(ports.clock.now());
      if (asked.kind === 'refuse') throw resting(sender.key, asked.retryAt - ports.clock.now());
      const running = rooms('', sender.key).run(run) ?? run();
      try {
        const result = await running;
        breaker.succeeded(ports.clock.now());
        lane?.served();
        return result;
      } catch (error) {
        const known = asHeadroomError(error, 'unavailable', `sending to ${sender.key} failed`);
        if (known.kind === 'throttled') lane?.refused(ports.clock.now(), known.retryAfterMs ?? null);
        // Whoever asks for time is there.
        if (isRetryable(known) && known.kind !== 'throttled') breaker.failed(ports.clock.now());
        else breaker.succeeded(ports.clock.now());
        throw known;
      }
    },

    async read(names, name, run) {
      const now = ports.clock.now();
      const dueAt = Math.max(now, ...names.map((place) => reads('', place).reserve(name, now)));
      if (dueAt > now) return { waitMs: dueAt - now };
      if (names.some((place) => places('', place).active >= READS_AT_ONCE)) return { waitMs: FULL_WAIT_MS };
      for (const place of names) reads('', place).use(name);
      const inAll = names.reduceRight((inner, place) => () => places('', place).run(inner) ?? inner(), run);
      return { done: await inAll() };
    },
  };
}

function resting(key: string, retryAfterMs: number): HeadroomError {
  return new HeadroomError('unavailable', `${key} failed again and again and is left alone for a while`, {
    retryAfterMs,
  });
}

/** One of each for a name, made when it is first asked for; `kind` tells how it is made. */
function keyed<T>(make: (kind: string) => T): (kind: string, key: string) => T {
  const known = new Map<string, T>();
  return (kind, key) => {
    const name = `${kind} ${key}`;
    const found = known.get(name) ?? make(kind);
    known.set(name, found);
    return found;
  };
}
