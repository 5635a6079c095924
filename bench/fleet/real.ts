import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { HttpClient } from '@azure/core-rest-pipeline';
import type { VaultLimit } from '../../simulation/limit.ts';
import { createRoutedHttpClient } from '../../simulation/servers/routed-http-client.ts';
import { issueToken } from '../../simulation/servers/tokens.ts';

export type StartRequest = {
  secrets: number;
  limit: VaultLimit;
  retryAfterSeconds: number | null;
  latencyMs: number;
  seed: number;
};
export type Counts = { served: number; refused: number; challenges: number; lists: number };

export type Surroundings = {
  httpClient: HttpClient;
  credential: { getToken(): Promise<{ token: string; expiresOnTimestamp: number }> };
  names: string[];
  /** Aborted at the cap. */
  signal: AbortSignal;
};

/** Prepares one instance; the function it gives back starts it and resolves when every secret is read. */
export type Contender = (around: Surroundings, index: number) => Promise<() => Promise<void>>;

export type RealResult = {
  ready: number;
  gaveUp: number;
  lastReadyMs: number | null;
  medianReadyMs: number | null;
  counts: Counts;
  /** Processor time of this process for each request, ms. */
  clientMs: number;
  /** When each instance became ready, ms after the start, ascending. */
  readyMs: number[];
};

const identity = {
  appId: '11111111-1111-4111-8111-111111111111',
  objectId: '22222222-2222-4222-8222-222222222222',
  tenantId: '33333333-3333-4333-8333-333333333333',
};

/** Starts `instances` at once over real HTTP against a fresh vault in another process. */
export async function runReal(
  request: StartRequest & { instances: number; capMs: number },
  contender: Contender,
): Promise<RealResult> {
  const child = fork(join(import.meta.dirname, 'vault-process.ts'));
  const ask = <T>(message: object): Promise<T> =>
    new Promise((resolve) => {
      child.once('message', (answer: T) => resolve(answer));
      child.send(message);
    });
  const cap = new AbortController();
  try {
    const { instances, capMs, ...start } = request;
    const origins = await ask<{ vault: string; store: string }>(start);
    const seconds = Math.floor(Date.now() / 1_000) + 7_200;
    const token = {
      token: issueToken(identity, 'https://vault.azure.net', seconds),
      expiresOnTimestamp: seconds * 1_000,
    };
    const around: Surroundings = {
      httpClient: createRoutedHttpClient({
        'kv-fleet.vault.azure.net': origins.vault,
        'store-fleet.azconfig.io': origins.store,
      }),
      credential: { getToken: async () => token },
      names: Array.from({ length: request.secrets }, (_, i) => `secret-${i}`),
      signal: cap.signal,
    };
    const starts = await Promise.all(Array.from({ length: instances }, (_, index) => contender(around, index)));
    const readyMs: number[] = [];
    let gaveUp = 0;
    const cpuBefore = process.cpuUsage();
    const startedAt = performance.now();
    const all = Promise.all(
      starts.map(async (begin) => {
        try {
          await begin();
          if (!cap.signal.aborted) readyMs.push(performance.now() - startedAt);
        } catch {
          if (!cap.signal.aborted) gaveUp++;
        }
      }),
    );
    const timer = setTimeout(() => cap.abort(), capMs);
    await Promise.race([all, new Promise((resolve) => cap.signal.addEventListener('abort', resolve))]);
    clearTimeout(timer);
    const counts = await ask<Counts>({ count: true });
    const cpu = process.cpuUsage(cpuBefore);
    readyMs.sort((a, b) => a - b);
    return {
      ready: readyMs.length,
      gaveUp,
      lastReadyMs: readyMs.length === instances ? (readyMs.at(-1) ?? null) : null,
      medianReadyMs: readyMs[readyMs.length >> 1] ?? null,
      counts,
      clientMs: (cpu.user + cpu.system) / 1_000 / Math.max(1, counts.served + counts.refused + counts.challenges),
      readyMs,
    };
  } finally {
    cap.abort();
    child.kill();
  }
}
