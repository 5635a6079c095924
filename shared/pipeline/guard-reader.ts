import type { Reading } from '../model.ts';
import type { Breaker, BreakerOptions } from '../pacing/breaker.ts';
import type { Clock, EvidenceReader, Random, Telemetry } from '../ports.ts';
import { createToldBreaker } from './told-breaker.ts';

/** A log store is asked seldom, and an answer takes long. */
const LOGS: Omit<BreakerOptions, 'random'> = {
  failures: 3,
  probeAfterMs: 15_000,
  maxProbeAfterMs: 120_000,
  probeTimeoutMs: 90_000,
};

/** A store that asks for more is asked all the same, so that one wrong answer does not end all reading. */
const LONGEST_REST_MS = 600_000;

/**
 * Questions to one store in a minute, from incidents, chat and all else of this process: more than the levels let incidents ask,
 * and half of what Log Analytics takes of one identity (200 in 30 s), which others may share.
 */
const QUESTIONS_PER_MINUTE = 200;

type Ports = { clock: Clock; random: Random; telemetry?: Telemetry | undefined };

const MINUTE_MS = 60_000;

const DOWN = new Set(['throttled', 'timed-out', 'unreachable']);

/** A log store that rests answers at once that it cannot be read, and when it is asked again. */
export function guardReader(reader: EvidenceReader, { clock, random, telemetry }: Ports): EvidenceReader {
  const breaker = createToldBreaker(`evidence-${reader.store}`, { random, ...LOGS }, telemetry);
  const mayAsk = perMinute(QUESTIONS_PER_MINUTE, clock);
  let restsUntilMs = Number.NEGATIVE_INFINITY;
  return {
    store: reader.store,
    language: reader.language,
    covers: (resource) => reader.covers(resource),
    async read(request, signal) {
      if (clock.now() < restsUntilMs)
        return request.query.statements.map((statement) => unreadNow(reader, clock, statement, ASKED_FOR_TIME));
      if (!mayAsk())
        return request.query.statements.map((statement) => unreadNow(reader, clock, statement, ASKED_ENOUGH));
      const asked = breaker.ask(clock.now());
      if (asked.kind === 'refuse')
        return request.query.statements.map((statement) => unreadNow(reader, clock, statement, RESTS));
      // Whoever waits no longer has taken it for down; the reader itself may never answer.
      const givenUp = (): void => breaker.failed(clock.now());
      signal?.addEventListener('abort', givenUp, { once: true });
      try {
        const readings = await reader.read(
          { ...request, spend: () => mayAsk() && (request.spend?.() ?? true) },
          signal,
        );
        if (!signal?.aborted) settle(breaker, readings, clock.now());
        restsUntilMs = clock.now() + restMsOf(readings);
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

/** Takes one of so many in any minute; false where there is none left. */
function perMinute(most: number, clock: Clock): () => boolean {
  let taken: number[] = [];
  return () => {
    const now = clock.now();
    taken = taken.filter((atMs) => atMs > now - MINUTE_MS);
    if (taken.length >= most) return false;
    taken.push(now);
    return true;
  };
}

function settle(breaker: Breaker, readings: readonly Reading[], now: number): void {
  const down =
    readings.length > 0 && readings.every((reading) => reading.state === 'unavailable' && DOWN.has(reading.why));
  if (down) breaker.failed(now);
  else breaker.succeeded(now);
}

/** How long the store asked to be left alone: all who would ask it keep to that. */
function restMsOf(readings: readonly Reading[]): number {
  const asked = readings.map((reading) => (reading.state === 'unavailable' ? (reading.retryAfterMs ?? 0) : 0));
  return Math.min(LONGEST_REST_MS, Math.max(0, ...asked));
}

type Rest = { why: 'throttled' | 'unreachable'; because: string };
const ASKED_FOR_TIME: Rest = { why: 'throttled', because: 'asked to be left alone for a while' };
const ASKED_ENOUGH: Rest = { why: 'throttled', because: 'was asked as often as it may be in a minute' };
const RESTS: Rest = { why: 'unreachable', because: 'failed again and again and is left alone for a while' };

function unreadNow(
  { store }: EvidenceReader,
  clock: Clock,
  { kind, window = 'incident' }: { kind: string; window?: Reading['window'] },
  { why, because }: Rest,
): Reading {
  return {
    kind,
    store,
    window,
    readAt: new Date(clock.now()).toISOString(),
    state: 'unavailable',
    why,
    nextStep: `The store ${store} ${because}; it is asked again with the next run`,
  };
}
