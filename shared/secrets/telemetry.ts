import type { BreakerState } from '../pacing/breaker.ts';
import type { Meter } from './meter.ts';

/** Something worth a log line. Keys and secret ids, never values. `at` is epoch ms. */
export type SecretsEvent = { at: number } & (
  | { type: 'throttled'; vault: string; retryAfterMs: number | null }
  | { type: 'breaker'; of: string; state: BreakerState }
  | { type: 'refresh-failed'; secretId: string; kind: string; error: Error }
  | { type: 'stale-served'; secretId: string; ageMs: number }
  | { type: 'bad-reference'; key: string; label: string | undefined; error: Error }
  | { type: 'configuration-loaded'; endpoint: string; keys: number; changed: boolean }
  | { type: 'configuration-failed'; endpoint: string; error: Error }
  | { type: 'lever'; lever: string; state: 'applied' | 'ignored' | 'ended'; reason?: string; incident?: string }
);

/** Counters since the start, and present gauges. */
export type Counters = {
  hits: number;
  misses: number;
  /** Readers who joined a call that was under way. */
  coalesced: number;
  /** Reads answered with a value older than its TTL. */
  stale: number;
  throttled: number;
  failures: number;
  inFlight: number;
};

export type Telemetry = {
  counters: Counters;
  /** A throwing listener is the listener's own trouble. */
  emit(event: SecretsEvent): void;
  /** From asked to sent, and from sent to answered, seconds. */
  waited(vault: string, seconds: number): void;
  called(vault: string, seconds: number, outcome: string): void;
  started(vault: string): void;
  /** Callbacks stop being observed. */
  close(): void;
};

export type Observed = {
  cached(): number;
  vaults(): Iterable<{ vault: string; breaker: BreakerState; ratePerSecond: number | null }>;
};

const BREAKER_VALUE: Record<BreakerState, number> = { closed: 0, 'half-open': 1, open: 2 };

/**
 * Metrics in the shape of GitLab Runner's seven for AssumeRole: in flight, wait, duration, hits, misses, coalesced, cached,
 * failures; and throttled, stale, breaker state beside them. Hot-path counters are read by observers, so a hit costs an addition.
 */
export function createTelemetry(
  meter: Meter | undefined,
  onEvent: ((event: SecretsEvent) => void) | undefined,
  observed: Observed,
): Telemetry {
  const counters: Counters = { hits: 0, misses: 0, coalesced: 0, stale: 0, throttled: 0, failures: 0, inFlight: 0 };
  const buckets = { advice: { explicitBucketBoundaries: [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60] }, unit: 's' };
  const inFlight = meter?.createUpDownCounter('headroom.secrets.requests_in_flight', { unit: '{request}' });
  const wait = meter?.createHistogram('headroom.secrets.wait', { ...buckets, description: 'From asked to sent' });
  const duration = meter?.createHistogram('headroom.secrets.request.duration', buckets);
  const undo: (() => void)[] = [];

  if (meter !== undefined) {
    const names = ['hits', 'misses', 'coalesced', 'throttled', 'failures', 'stale'] as const;
    const metricNames = {
      hits: 'cache.hits',
      misses: 'cache.misses',
      coalesced: 'coalesced',
      throttled: 'throttled',
      failures: 'failures',
      stale: 'stale_served',
    };
    for (const name of names) {
      const instrument = meter.createObservableCounter(`headroom.secrets.${metricNames[name]}`);
      const observe = (result: { observe(value: number): void }): void => result.observe(counters[name]);
      instrument.addCallback(observe);
      undo.push(() => instrument.removeCallback(observe));
    }
    const cached = meter.createObservableGauge('headroom.secrets.cached', { unit: '{secret}' });
    const observeCached = (result: { observe(value: number): void }): void => result.observe(observed.cached());
    cached.addCallback(observeCached);
    const breaker = meter.createObservableGauge('headroom.secrets.breaker.state', {
      description: '0 closed, 1 half open, 2 open',
    });
    const observeBreaker = (result: { observe(value: number, attributes: Record<string, string>): void }): void => {
      for (const { vault, breaker: state } of observed.vaults()) result.observe(BREAKER_VALUE[state], { vault });
    };
    breaker.addCallback(observeBreaker);
    undo.push(
      () => cached.removeCallback(observeCached),
      () => breaker.removeCallback(observeBreaker),
    );
  }

  return {
    counters,
    emit(event) {
      try {
        onEvent?.(event);
      } catch {
        // A listener must not break a read.
      }
    },
    waited: (vault, seconds) => wait?.record(seconds, { vault }),
    started(vault) {
      counters.inFlight++;
      inFlight?.add(1, { vault });
    },
    called(vault, seconds, outcome) {
      counters.inFlight--;
      inFlight?.add(-1, { vault });
      duration?.record(seconds, { vault, outcome });
    },
    close() {
      for (const stop of undo) stop();
    },
  };
}
