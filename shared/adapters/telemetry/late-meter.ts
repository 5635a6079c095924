import type { Telemetry } from '../../ports.ts';
import type { Meter } from '../../secrets/meter.ts';

type Callback = Parameters<ReturnType<Meter['createObservableGauge']>['addCallback']>[0];

/** An instrument whose values are asked for when they are exported. */
export type Observed = {
  kind: 'counter' | 'gauge';
  name: string;
  options: { unit?: string; description?: string };
  /** Those that are asked now. */
  callbacks: ReadonlySet<Callback>;
};

/** A meter that can be given to a library before the SDK is there. */
export function createLateMeter({ note, observe }: Telemetry & { observe(observed: Observed): void }): Meter {
  const observable =
    (kind: Observed['kind']) =>
    (name: string, options: Observed['options'] = {}) => {
      const callbacks = new Set<Callback>();
      observe({ kind, name, options, callbacks });
      return {
        addCallback: (callback: Callback) => void callbacks.add(callback),
        removeCallback: (callback: Callback) => void callbacks.delete(callback),
      };
    };
  return {
    createUpDownCounter: (name) => ({
      add: (by, attributes = {}) => note({ kind: 'balance', name, by, attributes }),
    }),
    createHistogram: (name, options) => ({
      record: (value, attributes = {}) =>
        note({
          kind: 'spread',
          name,
          value,
          unit: 's',
          attributes,
          ...(options?.advice?.explicitBucketBoundaries === undefined
            ? {}
            : { boundaries: options.advice.explicitBucketBoundaries }),
        }),
    }),
    createObservableCounter: observable('counter'),
    createObservableGauge: observable('gauge'),
  };
}
