import { fullJitterMs } from '../pacing/backoff.ts';
import type { Random } from '../pacing/random.ts';
import { createTtlCache } from '../pacing/ttl-cache.ts';
import { type Alarm, createAlarm, type Timing } from './clock.ts';
import { SecretsError } from './errors.ts';
import { createSlotTable, type Slot, type SlotTable } from './slot.ts';
import type { Telemetry } from './telemetry.ts';
import type { Settled, Urgency, VaultLane } from './vault-lane.ts';

export type SecretStore = {
  slots: SlotTable;
  /** The value: from memory, else from the vault. Rejects with a `SecretsError`. */
  read(slot: Slot): Promise<string>;
  cached(): number;
  /** TTL from now on, also for what is held, ms. */
  setTtl(ttlMs: number): void;
  /** Stops refresh ahead; first reads go on. */
  setPaused(paused: boolean): void;
  close(): void;
};

export type SecretStoreOptions = {
  ttlMs: number;
  staleIfErrorMs: number;
  timing: Timing;
  random: Random;
  telemetry: Telemetry;
  laneOf(origin: string): VaultLane;
};

const REFUSAL_MS = 30_000;
const RETRY_REFRESH_MS = 15_000;
const PROBE_SPREAD_MS = 500;
/**
 * The first refresh comes somewhere in the second half of the TTL, so that what was loaded together is not refreshed together;
 * from then on one comes each TTL, so that the spread costs one call once and not a part of each period.
 */
const FIRST_REFRESH_FROM = 0.5;
/** A value expires this part of the TTL after it was due to be read again: refresh is ahead of expiry, and no sooner than the TTL. */
const GRACE = 0.05;
const FLEET_HEADROOM_MS = 1_000;

export function createSecretStore(options: SecretStoreOptions): SecretStore {
  const { timing, random, telemetry, laneOf, staleIfErrorMs } = options;
  const { counters } = telemetry;
  const slots = createSlotTable();
  /** A definite no, remembered shortly. */
  const refusals = createTtlCache<SecretsError>();
  let ttlMs = options.ttlMs;
  let paused = false;
  let closed = false;
  const alarm: Alarm = createAlarm(timing.now, timing.idle, () => refreshDue());
  const expiry: Alarm = createAlarm(timing.now, timing.idle, () => coolExpired());

  const plan = (slot: Slot, at: number, turn: 'regular' | 'out of turn'): void => {
    slot.refreshAt = at;
    slot.dueAt = turn === 'regular' ? at : null;
    if (!paused && !closed) alarm.setAtMost(at);
  };

  const hold = (slot: Slot, answer: Settled & { kind: 'secret' }): string => {
    const now = timing.now();
    const { value, contentType } = answer;
    const same = slot.held !== null && slot.held.value === value && slot.held.contentType === contentType;
    slot.held = {
      promise: same && slot.held ? slot.held.promise : Promise.resolve(value),
      value,
      contentType,
      fetchedAt: now,
    };
    refusals.delete(slot.secretId);
    slot.failedRefreshes = 0;
    const { dueAt } = slot;
    const inTurn = dueAt !== null && now >= dueAt && now <= dueAt + ttlMs * GRACE;
    date(slot, inTurn ? dueAt + ttlMs : null);
    return value;
  };

  /** Derives all times of a held slot from when it was fetched. `dueAt` null: a turn of its own is drawn. */
  const date = (slot: Slot, dueAt: number | null): void => {
    if (slot.held === null) return;
    const { fetchedAt } = slot.held;
    slot.freshUntil = fetchedAt + ttlMs * (1 + GRACE);
    slot.staleUntil = Math.max(slot.freshUntil, fetchedAt + staleIfErrorMs);
    slot.hot = !closed && timing.now() < slot.freshUntil ? slot.held.promise : null;
    if (slot.hot !== null) expiry.setAtMost(slot.freshUntil);
    const drawn = FIRST_REFRESH_FROM + (1 - FIRST_REFRESH_FROM) * random();
    plan(slot, dueAt ?? fetchedAt + ttlMs * drawn, 'regular');
  };

  const fetchSlot = (slot: Slot, urgency: Urgency): Promise<string> => {
    const flight = laneOf(slot.id.origin)
      .read(slot.id.name, slot.id.version, urgency)
      .then((answer) => {
        slot.flight = null;
        if (answer.kind === 'secret') return hold(slot, answer);
        counters.failures++;
        throw failure(slot, answer);
      });
    slot.flight = flight;
    return flight;
  };

  const failure = (slot: Slot, answer: Exclude<Settled, { kind: 'secret' }>): SecretsError => {
    const error = new SecretsError(answer.kind, EXPLAIN[answer.kind](slot.secretId, answer), {
      secretId: slot.secretId,
      cause: answer.cause,
    });
    if (answer.kind !== 'unavailable') {
      const until = timing.now() + REFUSAL_MS;
      refusals.set(slot.secretId, { value: error, freshUntil: until, staleUntil: until });
    }
    return error;
  };

  const refresh = (slot: Slot): void => {
    if (slot.flight !== null) return;
    fetchSlot(slot, 'background').catch((error: SecretsError) => {
      const now = timing.now();
      if (now >= slot.staleUntil) drop(slot);
      const backoff =
        RETRY_REFRESH_MS +
        fullJitterMs(slot.failedRefreshes++, random, { baseMs: RETRY_REFRESH_MS, maxMs: RETRY_REFRESH_MS });
      // Behind an open breaker all wait for its probe: whoever comes first is the probe, the others follow when it is answered.
      const retryAt = laneOf(slot.id.origin).retryAt();
      plan(slot, retryAt > now ? retryAt + random() * PROBE_SPREAD_MS : now + backoff, 'out of turn');
      telemetry.emit({ type: 'refresh-failed', at: now, secretId: slot.secretId, kind: error.kind, error });
    });
  };

  const drop = (slot: Slot): void => {
    slot.held = null;
    slot.hot = null;
    slot.freshUntil = Number.NEGATIVE_INFINITY;
    slot.staleUntil = Number.NEGATIVE_INFINITY;
  };

  const coolExpired = (): void => {
    const now = timing.now();
    let next = Number.POSITIVE_INFINITY;
    for (const slot of slots.all()) {
      if (slot.hot === null) continue;
      if (slot.freshUntil <= now) slot.hot = null;
      else next = Math.min(next, slot.freshUntil);
    }
    if (next !== Number.POSITIVE_INFINITY) expiry.setAtMost(next);
  };

  const refreshDue = (): void => {
    if (paused || closed) return;
    const now = timing.now();
    let next = Number.POSITIVE_INFINITY;
    for (const slot of slots.all()) {
      if (slot.held === null && now >= slot.staleUntil) continue;
      if (slot.refreshAt <= now) {
        slot.refreshAt = Number.POSITIVE_INFINITY;
        refresh(slot);
      } else next = Math.min(next, slot.refreshAt);
    }
    if (next !== Number.POSITIVE_INFINITY) alarm.setAtMost(next);
  };

  return {
    slots,
    read(slot) {
      const now = timing.now();
      if (slot.held !== null && now < slot.staleUntil) {
        if (now < slot.freshUntil) counters.hits++;
        else {
          counters.stale++;
          telemetry.emit({ type: 'stale-served', at: now, secretId: slot.secretId, ageMs: now - slot.held.fetchedAt });
          // A process that was frozen, or whose refresh is paused, has missed its time: ask once, off the caller's path.
          if (!paused && slot.refreshAt <= now) {
            slot.refreshAt = Number.POSITIVE_INFINITY;
            refresh(slot);
          }
        }
        return slot.held.promise;
      }
      if (slot.flight !== null) {
        counters.coalesced++;
        return slot.flight;
      }
      const refusal = refusals.get(slot.secretId, now);
      if (refusal !== undefined) return Promise.reject(refusal.entry.value);
      drop(slot);
      counters.misses++;
      return fetchSlot(slot, 'critical');
    },
    cached() {
      let count = 0;
      const now = timing.now();
      for (const slot of slots.all()) if (slot.held !== null && now < slot.staleUntil) count++;
      return count;
    },
    setTtl(next) {
      if (next === ttlMs) return;
      ttlMs = next;
      alarm.cancel();
      for (const slot of slots.all()) date(slot, null);
      // A TTL that is suddenly shorter must not refresh everything at once: what is overdue is spread over the next minute.
      const now = timing.now();
      for (const slot of slots.all())
        if (slot.held !== null && slot.refreshAt <= now)
          plan(slot, now + FLEET_HEADROOM_MS + random() * Math.min(60_000, ttlMs), 'out of turn');
    },
    setPaused(next) {
      if (paused === next) return;
      paused = next;
      if (paused) alarm.cancel();
      else {
        const now = timing.now();
        for (const slot of slots.all())
          if (slot.held !== null && slot.refreshAt <= now)
            plan(slot, now + FLEET_HEADROOM_MS + random() * 60_000, 'out of turn');
        refreshDue();
      }
    },
    close() {
      closed = true;
      alarm.cancel();
      expiry.cancel();
      for (const slot of slots.all()) slot.hot = null;
    },
  };
}

const EXPLAIN: Record<Exclude<Settled['kind'], 'secret'>, (secretId: string, answer: Settled) => string> = {
  'not-found': (id) => `${id} does not exist or has no value; create it, or correct the name`,
  forbidden: (id) =>
    `${id} may not be read; grant this identity 'Key Vault Secrets User', and check the vault's firewall and that the secret is enabled`,
  'bad-reference': (id) => `the vault does not accept ${id} as a secret's identifier; correct it`,
  unavailable: (id, answer) =>
    answer.kind === 'unavailable' && answer.noToken
      ? `${id} could not be read, for no token could be had; check the identity and its endpoint`
      : `${id} could not be read, for the vault cannot be reached; check its network path and Azure's service health`,
};
