import type { Identity, VaultRequest } from './audit-record.ts';
import { createGate, type Gate, type VaultLimit } from './limit.ts';
import { between, guid, lognormal, type Random } from './random.ts';

type Ask = {
  timeMs: number;
  operation: string;
  path: string;
  address: string;
  clientInfo: string;
  identity?: Identity;
};

type Status = 200 | 401 | 403 | 404 | 429;

type Answer = {
  status: Status;
  /** Until the caller holds the answer. */
  latencyMs: number;
};

export type SimulatedVault = {
  ask(request: Ask): Answer;
  /** Everything asked so far, in order of time. */
  log: readonly VaultRequest[];
};

export type KeyType = 'rsa-2048' | 'rsa-3072' | 'rsa-4096' | 'ec';

/** What a vault holds and where it lives, beyond its limit for reads. */
export type VaultNature = {
  /** Writes of secrets, imports of keys and certificates together, per window; default 300. */
  creates?: number;
  /** By key name; others are `rsa-2048` in software. */
  keys?: ReadonlyMap<string, { type: KeyType; hsm: boolean }>;
  /** What a path answers instead of its value: no permission, or no such name. */
  fault?: (path: string, timeMs: number) => 403 | 404 | null;
  /** Share of requests refused because the whole subscription is over its limit. */
  refusedOutside?: (timeMs: number) => number;
  /** Makes correlation ids. */
  nameRequest?: (random: Random) => string;
};

/** Of one operation, against the limit of its family. @see https://learn.microsoft.com/azure/key-vault/general/service-limits */
const KEY_WEIGHT: Readonly<Record<KeyType, number>> = { 'rsa-2048': 1, 'rsa-3072': 4, 'rsa-4096': 8, ec: 1 };
const CREATES = ['SecretSet', 'CertificateImport', 'KeyImport'];
const KEY_CREATES = ['KeyCreate', 'CertificateCreate'];

/**
 * A vault that answers, refuses by its limits and writes everything down. Writes, keys in software and keys in hardware
 * have limits of their own; heavier keys weigh more; a challenge (401) uses none up.
 */
export function createVault(limit: VaultLimit, random: Random, nature: VaultNature = {}): SimulatedVault {
  const gateOf = (requests: number): Gate => createGate({ ...limit, requests });
  const gates = {
    reads: gateOf(limit.requests),
    keys: gateOf(limit.requests),
    hardwareKeys: gateOf(limit.requests / 2),
    creates: gateOf(nature.creates ?? 300),
    keyCreates: gateOf(20),
  };
  const admits = ({ operation, path, timeMs }: Ask): boolean => {
    const outside = nature.refusedOutside?.(timeMs) ?? 0;
    if (outside > 0 && random() < outside) return false;
    if (CREATES.includes(operation)) return gates.creates(timeMs);
    if (KEY_CREATES.includes(operation)) return gates.keyCreates(timeMs);
    if (!operation.startsWith('Key')) return gates.reads(timeMs);
    const key = nature.keys?.get(path.split('/')[2] ?? '');
    if (key === undefined) return gates.keys(timeMs);
    return (key.hsm ? gates.hardwareKeys : gates.keys)(timeMs, KEY_WEIGHT[key.type]);
  };
  const answer = (request: Ask): Status => {
    if (request.identity === undefined) return 401;
    if (!admits(request)) return 429;
    return nature.fault?.(request.path, request.timeMs) ?? 200;
  };
  const nameRequest = nature.nameRequest ?? guid;
  const log: VaultRequest[] = [];
  return {
    log,
    ask(request) {
      const status = answer(request);
      // A refusal or a challenge never reaches the store, so it is quicker than an answer.
      const durationMs = Math.max(1, Math.round(status === 200 ? lognormal(random, 12, 0.4) : between(random, 1, 5)));
      log.push({ ...request, status, durationMs, correlationId: nameRequest(random) });
      return { status, latencyMs: durationMs + between(random, 2, 8) };
    },
  };
}
