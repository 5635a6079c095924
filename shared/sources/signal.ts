import type { Signal } from '../model.ts';
import { BOUNDS } from './bounds.ts';
import { dimensionsOf, type Pair } from './dimensions.ts';
import { numberOf, textOf } from './read.ts';

/** A signal's fields as a payload holds them, of any type. */
export type RawSignal = {
  metric: unknown;
  namespace?: unknown;
  operator?: unknown;
  threshold?: unknown;
  value?: unknown;
  aggregation?: unknown;
  windowSeconds?: number | undefined;
  dimensions: readonly Pair[];
};

/** The signal with what is known and well-formed; numbers also from decimal strings, texts cleaned and bounded. */
export function readSignal(raw: RawSignal): Signal {
  const namespace = textOf(raw.namespace, BOUNDS.wordCharacters);
  const operator = textOf(raw.operator, BOUNDS.wordCharacters);
  const aggregation = textOf(raw.aggregation, BOUNDS.wordCharacters);
  const threshold = numberOf(raw.threshold);
  const value = numberOf(raw.value);
  return {
    metric: textOf(raw.metric, BOUNDS.metricCharacters) ?? 'unknown',
    ...(namespace === undefined ? {} : { namespace }),
    ...(operator === undefined ? {} : { operator }),
    ...(threshold === undefined ? {} : { threshold }),
    ...(value === undefined ? {} : { value }),
    ...(aggregation === undefined ? {} : { aggregation }),
    ...(raw.windowSeconds === undefined ? {} : { windowSeconds: raw.windowSeconds }),
    dimensions: dimensionsOf(raw.dimensions),
  };
}
