import { type ErrorKind, isHeadroomError } from '../../errors.ts';
import type { Reading } from '../../model.ts';

type Unavailable = Extract<Reading, { state: 'unavailable' }>;

const WHY: Readonly<Partial<Record<ErrorKind, Unavailable['why']>>> = {
  denied: 'denied',
  throttled: 'throttled',
  'timed-out': 'timed-out',
  configuration: 'not-configured',
  'not-found': 'not-configured',
  'too-large': 'over-budget',
  invalid: 'unsupported',
};

/** What a failed question means, and what whoever runs this can do about it. */
export function unreadBecause(error: unknown, store: string): Pick<Unavailable, 'why' | 'nextStep' | 'retryAfterMs'> {
  if (!isHeadroomError(error)) throw error;
  const { kind, nextStep, retryAfterMs } = error;
  return {
    why: WHY[kind] ?? 'unreachable',
    nextStep: nextStep ?? `${store} could not be read (${error.message}): asked again with the next run`,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}
