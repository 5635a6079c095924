import { HeadroomError, isRetryable } from '../errors.ts';
import type { Reading } from '../model.ts';
import { type Breaker, type BreakerOptions, createBreaker } from '../pacing/breaker.ts';
import { createBulkhead } from '../pacing/bulkhead.ts';
import type { Clock, EvidenceReader, PayloadStore, Queue, Random, Records } from '../ports.ts';
import type { WorkDeps } from './deps.ts';

/** Stores come back quickly or are somebody else's storm: short rests, and one call that finds out. */
const STORE: Omit<BreakerOptions, 'random'> = {
  failures: 8,
  probeAfterMs: 1_000,
  maxProbeAfterMs: 15_000,
  probeTimeoutMs: 10_000,
};
/** A log store is asked seldom, and an answer takes long. */
const LOGS: Omit<BreakerOptions, 'random'> = {
  failures: 3,
  probeAfterMs: 15_000,
  maxProbeAfterMs: 120_000,
  probeTimeoutMs: 90_000,
};

/** Calls of one store on their way at once: many more only make all of them late. */
const CALLS_AT_ONCE = 64;
const CALLS_QUEUED = 10_000;

type Ports = { clock: Clock; random: Random };
type Call = <T>(run: () => Promise<T>) => Promise<T>;

/**
 * Puts a breaker in front of each store and each log store that work goes to (chats have theirs in the levels): what is
 * down is left alone for a while, and what needs it waits in the queue or says that it could not be read. The receive path
 * goes without: an alert is tried to be kept, whatever happened to the one before it.
 */
export function protect<D extends WorkDeps>(deps: D): D {
  return {
    ...deps,
    records: guardRecords(deps.records, guarded('the records', deps)),
    queue: guardQueue(deps.queue, guarded('the queue', deps)),
    payloads: guardPayloads(deps.payloads, guarded('the payload store', deps)),
    readers: deps.readers.map((reader) => guardReader(reader, deps)),
  };
}

/** Calls of one store: bounded in number, and refused at once while it rests. */
function guarded(what: string, { clock, random }: Ports): Call {
  const breaker = createBreaker({ random, ...STORE });
  const room = createBulkhead({ maxActive: CALLS_AT_ONCE, maxQueued: CALLS_QUEUED });
  return async (run) => {
    const asked = breaker.ask(clock.now());
    if (asked.kind === 'refuse') throw resting(what, asked.retryAt - clock.now());
    try {
      const result = await (room.run(run) ?? run());
      breaker.succeeded(clock.now());
      return result;
    } catch (error) {
      // An answer that says no is an answer; who asks for time or is silent is left alone.
      if (isRetryable(error)) breaker.failed(clock.now());
      else breaker.succeeded(clock.now());
      throw error;
    }
  };
}

function resting(what: string, retryAfterMs: number): HeadroomError {
  return new HeadroomError('unavailable', `${what} failed again and again and is left alone for a moment`, {
    retryAfterMs,
    nextStep: 'work goes on by itself when it answers again; the log says what it failed with',
  });
}

function guardRecords(records: Records, call: Call): Records {
  return {
    get: <T>(key: Parameters<Records['get']>[0]) => call(() => records.get<T>(key)),
    put: (key, value, expected) => call(() => records.put(key, value, expected)),
    list: <T>(partition: string, options?: Parameters<Records['list']>[1]) =>
      call(() => records.list<T>(partition, options)),
    delete: (key, expected) => call(() => records.delete(key, expected)),
  };
}

function guardQueue(queue: Queue, call: Call): Queue {
  return {
    send: (message, options) => call(() => queue.send(message, options)),
    receive: (options) => call(() => queue.receive(options)),
    depth: () => queue.depth(),
    dead: (limit) => call(() => queue.dead(limit)),
  };
}

function guardPayloads(payloads: PayloadStore, call: Call): PayloadStore {
  return {
    put: (id, bytes) => call(() => payloads.put(id, bytes)),
    get: (id) => call(() => payloads.get(id)),
    delete: (id) => call(() => payloads.delete(id)),
    olderThan: (time, limit) => call(() => payloads.olderThan(time, limit)),
  };
}

const DOWN = new Set(['throttled', 'timed-out', 'unreachable']);

/** A log store that rests answers at once that it cannot be read, and when it is asked again. */
function guardReader(reader: EvidenceReader, { clock, random }: Ports): EvidenceReader {
  const breaker = createBreaker({ random, ...LOGS });
  return {
    store: reader.store,
    language: reader.language,
    covers: (resource) => reader.covers(resource),
    async read(request, signal) {
      const asked = breaker.ask(clock.now());
      if (asked.kind === 'refuse')
        return request.query.statements.map((statement) => unreadNow(reader, clock, statement));
      // Whoever waits no longer has taken it for down; the reader itself may never answer.
      const givenUp = (): void => breaker.failed(clock.now());
      signal?.addEventListener('abort', givenUp, { once: true });
      try {
        const readings = await reader.read(request, signal);
        if (!signal?.aborted) settle(breaker, readings, clock.now());
        return readings;
      } catch (error) {
        if (!signal?.aborted) breaker.failed(clock.now());
        throw error;
      } finally {
        signal?.removeEventListener('abort', givenUp);
      }
    },
  };
}

function settle(breaker: Breaker, readings: readonly Reading[], now: number): void {
  const down =
    readings.length > 0 && readings.every((reading) => reading.state === 'unavailable' && DOWN.has(reading.why));
  if (down) breaker.failed(now);
  else breaker.succeeded(now);
}

function unreadNow(
  { store }: EvidenceReader,
  clock: Clock,
  { kind, window = 'incident' }: { kind: string; window?: Reading['window'] },
): Reading {
  return {
    kind,
    store,
    window,
    readAt: new Date(clock.now()).toISOString(),
    state: 'unavailable',
    why: 'unreachable',
    nextStep: `The store ${store} failed again and again and is left alone for a while; it is asked again with the next run`,
  };
}
