/**
 * How the simulated vault refuses. Deliberately shares nothing with the product's own limit model: the product's
 * predictions are tested against this one.
 */
export type VaultLimit = {
  /** Requests admitted per window. */
  requests: number;
  windowMs: number;
  /** `sliding`: over the last window at any moment; `fixed`: over windows that begin at full multiples. */
  shape: 'sliding' | 'fixed';
  /** Whether a refused request uses the limit up as well. */
  countsRefused: boolean;
};

/** Key Vault's limit for secret reads as published. @see https://learn.microsoft.com/azure/key-vault/general/service-limits */
export const VAULT_LIMIT_TODAY: VaultLimit = {
  requests: 4000,
  windowMs: 10_000,
  shape: 'sliding',
  countsRefused: false,
};

/** True when a request of this weight (default 1) that arrives at `timeMs` is admitted; to be called in order of time. */
export type Gate = (timeMs: number, weight?: number) => boolean;

export function createGate(limit: VaultLimit): Gate {
  return limit.shape === 'fixed' ? fixedGate(limit) : slidingGate(limit);
}

function fixedGate({ requests, windowMs, countsRefused }: VaultLimit): Gate {
  let window = Number.NaN;
  let used = 0;
  return (timeMs, weight = 1) => {
    const current = Math.floor(timeMs / windowMs);
    if (current !== window) {
      window = current;
      used = 0;
    }
    const admitted = used + weight <= requests;
    if (admitted || countsRefused) used += weight;
    return admitted;
  };
}

function slidingGate({ requests, windowMs, countsRefused }: VaultLimit): Gate {
  let counted: number[] = [];
  let oldest = 0;
  return (timeMs, weight = 1) => {
    for (let time = counted[oldest]; time !== undefined && time <= timeMs - windowMs; time = counted[oldest]) oldest++;
    if (oldest > 65_536) {
      counted = counted.slice(oldest);
      oldest = 0;
    }
    const admitted = counted.length - oldest + weight <= requests;
    if (admitted || countsRefused) for (let n = 0; n < weight; n++) counted.push(timeMs);
    return admitted;
  };
}
