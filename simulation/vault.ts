import type { VaultRequest } from './audit-record.ts';
import { createGate, type VaultLimit } from './limit.ts';
import { between, guid, lognormal, type Random } from './random.ts';

type Ask = {
  timeMs: number;
  operation: string;
  path: string;
  address: string;
  clientInfo: string;
  identity?: { appId: string; objectId: string };
};

type Answer = {
  status: 200 | 401 | 429;
  /** Until the caller holds the answer. */
  latencyMs: number;
};

export type SimulatedVault = {
  ask(request: Ask): Answer;
  /** Everything asked so far, in order of time. */
  log: readonly VaultRequest[];
};

/**
 * A vault that answers, refuses by its limits and writes everything down. Keys and writes have limits of their own; a
 * challenge (401) uses none up.
 */
export function createVault(limit: VaultLimit, random: Random): SimulatedVault {
  const gates = { reads: createGate(limit), keys: createGate(limit), writes: createGate({ ...limit, requests: 300 }) };
  const admits = ({ operation, timeMs }: Ask): boolean => {
    if (operation.startsWith('Key')) return gates.keys(timeMs);
    return operation === 'SecretSet' ? gates.writes(timeMs) : gates.reads(timeMs);
  };
  const log: VaultRequest[] = [];
  return {
    log,
    ask(request) {
      const status = request.identity === undefined ? 401 : admits(request) ? 200 : 429;
      // A refusal or a challenge never reaches the store, so it is quicker than an answer.
      const durationMs = Math.max(1, Math.round(status === 200 ? lognormal(random, 12, 0.4) : between(random, 1, 5)));
      log.push({ ...request, status, durationMs, correlationId: guid(random) });
      return { status, latencyMs: durationMs + between(random, 2, 8) };
    },
  };
}
