import type { Signal, SignalState } from '../model.ts';

/**
 * Metrics that say that a service is busy, not that anyone is hurt: they join an open incident or go to the digest, and
 * never open a conversation by themselves (field-notes 11, 17: 1,500 hits a minute is 25 requests a second).
 */
const WEAK: readonly { namespace: RegExp; metric: RegExp }[] = [
  { namespace: /^microsoft\.keyvault\/vaults$/i, metric: /^serviceapihit$/i },
];

export function isWeakSignal(signal: Signal): boolean {
  return WEAK.some((weak) => weak.metric.test(signal.metric) && weak.namespace.test(signal.namespace ?? ''));
}

/** True when all that has fired says busy and nothing says hurt. */
export function isWeakOnly(signals: readonly SignalState[]): boolean {
  const seen = signals.flatMap((state) => state.signals);
  return seen.length > 0 && signals.every((state) => state.signals.length > 0) && seen.every(isWeakSignal);
}
