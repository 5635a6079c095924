import { HeadroomError, isRetryable } from '../errors.ts';
import type { BreakerOptions } from '../pacing/breaker.ts';
import { createBulkhead } from '../pacing/bulkhead.ts';
import type { Clock, PayloadStore, Queue, Random, Records, Telemetry } from '../ports.ts';
import type { WorkDeps } from './deps.ts';
import { guardReader } from './guard-reader.ts';
import { createToldBreaker } from './told-breaker.ts';

/** Stores come back quickly or are somebody else's storm: short rests, and one call that finds out. */
const STORE: Omit<BreakerOptions, 'random'> = {
  failures: 8,
  probeAfterMs: 1_000,
  maxProbeAfterMs: 15_000,
  probeTimeoutMs: 10_000,
};
/** Calls of one store on their way at once: many more only make all of them late. */
const CALLS_AT_ONCE = 64;
const CALLS_QUEUED = 10_000;

type Ports = { clock: Clock; random: Random; telemetry?: Telemetry | undefined };
type Call = <T>(run: () => Promise<T>) => Promise<T>;

/**
 * Puts a breaker in front of each store and each log store that work goes to (chats have theirs in the levels): what is
 * down is left alone for a while, and what needs it waits in the queue or says that it could not be read. The receive path
 * goes without: an alert is tried to be kept, whatever happened to the one before it.
 *
 * @param telemetry is told when one of them opens, tries and closes
 */
export function protect<D extends WorkDeps>(deps: D, telemetry?: Telemetry): D {
  const ports = { clock: deps.clock, random: deps.random, telemetry };
  return {
    ...deps,
    records: guardRecords(deps.records, guarded('records', ports)),
    queue: guardQueue(deps.queue, guarded('queue', ports)),
    payloads: guardPayloads(deps.payloads, guarded('payloads', ports)),
    readers: deps.readers.map((reader) => guardReader(reader, ports)),
  };
}

const NAMES = { records: 'the records', queue: 'the queue', payloads: 'the payload store' } as const;

/** Calls of one store: bounded in number, and refused at once while it rests. */
function guarded(store: keyof typeof NAMES, { clock, random, telemetry }: Ports): Call {
  const breaker = createToldBreaker(store, { random, ...STORE }, telemetry);
  const room = createBulkhead({ maxActive: CALLS_AT_ONCE, maxQueued: CALLS_QUEUED });
  return async (run) => {
    const asked = breaker.ask(clock.now());
    if (asked.kind === 'refuse') throw resting(NAMES[store], asked.retryAt - clock.now());
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
