import { createGate, type Gate, type VaultLimit } from '../limit.ts';

export type ThrottleProfile = {
  /** By operation class, `read` and `write`; a class without a limit is never refused. */
  limits: Partial<Record<'read' | 'write', VaultLimit>>;
  /** Seconds for a Retry-After header; null sends none, as Key Vault does. */
  retryAfterSeconds: number | null;
};

export type Verdict = { admitted: true } | { admitted: false; headers: Record<string, string> };

/** Refuses by operation class, in order of arrival. */
export function createThrottle(profile: ThrottleProfile): (operation: 'read' | 'write', nowMs: number) => Verdict {
  const gates: Partial<Record<'read' | 'write', Gate>> = {};
  for (const operation of ['read', 'write'] as const) {
    const limit = profile.limits[operation];
    if (limit !== undefined) gates[operation] = createGate(limit);
  }
  return (operation, nowMs) => {
    if (gates[operation]?.(nowMs) ?? true) return { admitted: true };
    const { retryAfterSeconds } = profile;
    return { admitted: false, headers: retryAfterSeconds === null ? {} : { 'retry-after': String(retryAfterSeconds) } };
  };
}
