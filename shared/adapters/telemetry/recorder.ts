import { isHeadroomError } from '../../errors.ts';
import type { Log, Measurement, Telemetry } from '../../ports.ts';
import type { Meter } from '../../secrets/meter.ts';
import { createLateMeter, type Observed } from './late-meter.ts';

/** Where measurements end: the part that is loaded late. */
export type TelemetryExport = {
  take(measurement: Measurement): void;
  /** Values that are asked for at each export. */
  observe(observed: Observed): void;
  /** Sends what was taken. */
  flush(): Promise<void>;
};

type Attributes = NonNullable<Measurement['attributes']>;

export type Recorder = Telemetry & {
  /** Whether anything is sent anywhere. */
  on: boolean;
  /** For `headroom/secrets`; absent where nothing is sent. */
  meter?: Meter;
  /** Runs one call of an entry, and notes it as a span and a duration; `tell` says more about what came of it. */
  call<T>(entry: string, run: () => Promise<T>, tell?: (result: T) => Attributes): Promise<T>;
  /** Sends what was noted, for at most so many milliseconds; never rejects. What is not sent then goes with the next. */
  flush(limitMs: number): Promise<void>;
};

/** Where nothing is sent anywhere. */
export const SILENT: Recorder = {
  on: false,
  note: () => undefined,
  call: (_entry, run) => run(),
  flush: async () => undefined,
};

/** Measurements kept until the SDK is there; what comes after is dropped. */
const MOST_KEPT = 5_000;

/** A receiver that does not answer costs one call its limit, and then nobody anything for this long. */
const REST_MS = 60_000;

/**
 * Notes what happens and hands it on to OpenTelemetry, which is loaded after the first call has been answered: a start is as
 * quick as without it.
 */
export function createRecorder(options: {
  load: () => Promise<TelemetryExport>;
  /** Epoch milliseconds. */
  now: () => number;
  log: Log;
}): Recorder {
  const { now, log } = options;
  let kept: Measurement[] = [];
  let observed: Observed[] = [];
  let loaded: TelemetryExport | undefined;
  let loading: Promise<TelemetryExport | undefined> | undefined;
  let restUntil = 0;

  const note = (measurement: Measurement): void => {
    if (loaded !== undefined) loaded.take(measurement);
    else if (kept.length < MOST_KEPT) kept.push(measurement);
  };
  const fail = (error: unknown): void => {
    restUntil = now() + REST_MS;
    log.warn('telemetry-not-sent', { error: error instanceof Error ? error.message : 'unknown' });
  };
  const load = (): Promise<TelemetryExport | undefined> => {
    loading ??= options.load().then(
      (found) => {
        loaded = found;
        for (const one of observed) found.observe(one);
        for (const measurement of kept) found.take(measurement);
        kept = [];
        observed = [];
        return found;
      },
      (error: unknown) => {
        fail(error);
        return undefined;
      },
    );
    return loading;
  };
  const meter = createLateMeter({
    note,
    observe: (one) => (loaded === undefined ? void observed.push(one) : loaded.observe(one)),
  });

  return {
    on: true,
    note,
    meter,
    async call(entry, run, tell) {
      const fromMs = now();
      const end = (attributes: Attributes, failure?: string): void => {
        const toMs = now();
        const outcome = failure ?? 'ok';
        const value = (toMs - fromMs) / 1_000;
        note({ kind: 'span', name: entry, fromMs, toMs, attributes, ...(failure === undefined ? {} : { failure }) });
        note({ kind: 'spread', name: 'headroom.call.duration', value, unit: 's', attributes: { entry, outcome } });
        setImmediate(() => void load());
      };
      try {
        const result = await run();
        end(tell?.(result) ?? {});
        return result;
      } catch (error) {
        end({}, isHeadroomError(error) ? error.kind : 'bug');
        throw error;
      }
    },
    async flush(limitMs) {
      if (now() < restUntil) return;
      const sending = load().then((found) => found?.flush());
      try {
        await withinLimit(limitMs, sending);
      } catch (error) {
        fail(error);
      }
    },
  };
}

function withinLimit(limitMs: number, sending: Promise<void>): Promise<void> {
  const signal = AbortSignal.timeout(limitMs);
  const late = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error(`not sent within ${limitMs} ms`)), { once: true });
  });
  return Promise.race([sending, late]);
}
