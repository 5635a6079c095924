import type { Instance } from '../callers/instance.ts';
import { keepDataKeys, keepValues } from '../callers/keep.ts';
import { advised } from '../callers/retry.ts';
import type { Random } from '../random.ts';

/** One fix, applied to one application of the fleet; `caller` null is every application of the first cause. */
export type CorpusMend = { fix: string; caller: string | null; seconds?: number; perSecond?: number; factor?: number };

/** Fixes that do something to the load, each as `mendInstances`, `createStage` or the part itself carries it out. */
export const PLAYABLE_FIXES = [
  'refresh-interval',
  'grant-or-rename',
  'slow-restarts',
  'backoff',
  'jittered-start',
  'singleton-client',
  'list-once',
  'cache-secrets',
  'app-configuration-references',
  'local-crypto',
  'bundle-secrets',
  'separate-vault',
  'queue-in-front',
  'limit-increase',
] as const;

/** How long values are kept where a mend does not say. */
const KEEP_SECONDS = 3600;

/** The fixes that change an instance alone, whatever it does: what it keeps, how it waits, the queue before the vault. */
export function mendInstances(
  instances: readonly Instance[],
  mend: CorpusMend,
  context: { fromMs: number; random: Random },
): Instance[] {
  const { fromMs, random } = context;
  const ttlMs = (mend.seconds ?? KEEP_SECONDS) * 1000;
  switch (mend.fix) {
    case 'cache-secrets':
    case 'app-configuration-references':
      return instances.map((instance) => ({ ...instance, keep: keepValues(ttlMs, fromMs, random) }));
    case 'local-crypto':
      return instances.map((instance) => ({ ...instance, keep: keepDataKeys() }));
    case 'backoff':
      return instances.map((instance) => ({ ...instance, retry: advised }));
    case 'queue-in-front': {
      const queue = createQueue(mend.perSecond ?? 1);
      return instances.map((instance) => ({ ...instance, queue, retry: advised }));
    }
    default:
      return [...instances];
  }
}

/** Lets one request through after the other, at a steady rate for the whole application. */
function createQueue(perSecond: number): (nowMs: number) => number {
  let nextMs = Number.NEGATIVE_INFINITY;
  return (nowMs) => {
    const turnMs = Math.max(nowMs, nextMs);
    nextMs = turnMs + 1000 / perSecond;
    return turnMs;
  };
}
