import { fork } from 'node:child_process';
import { join } from 'node:path';
import { createPipelineRequest, type HttpClient } from '@azure/core-rest-pipeline';
import type { VaultLimit } from '../../simulation/limit.ts';
import { createRoutedHttpClient } from '../../simulation/servers/routed-http-client.ts';
import { issueToken } from '../../simulation/servers/tokens.ts';
import { type ClientLoad, createMeter, machineBusyMs } from './meter.ts';

export type StartRequest = {
  secrets: number;
  limit: VaultLimit;
  retryAfterSeconds: number | null;
  latencyMs: number;
  seed: number;
};
export type Counts = {
  served: number;
  refused: number;
  challenges: number;
  /** Time of the vault's process for taking a request or answering it, ms, for each `PIECE_MS` of the run. */
  halfMs: number[];
  /** Processor time of the vault's process, ms. */
  processorMs: number;
};

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
  load: ClientLoad;
  /** Processors that other programs used meanwhile; 0 on a quiet machine. */
  othersProcessors: number;
};

type Origins = { vault: string; rehearsal: string; store: string };

/** Instances that rehearse. */
const REHEARSING = 150;

export const VAULT_HOST = 'kv-fleet.vault.azure.net';
export const STORE_HOST = 'store-fleet.azconfig.io';

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
  const ask = <T>(message: StartRequest | 'begin' | 'end'): Promise<T> =>
    new Promise((resolve) => {
      child.once('message', (answer: T) => resolve(answer));
      child.send(message);
    });
  const cap = new AbortController();
  try {
    const { instances, capMs, ...start } = request;
    const origins = await ask<Origins>(start);
    const seconds = Math.floor(Date.now() / 1_000) + 7_200;
    const token = {
      token: issueToken(identity, 'https://vault.azure.net', seconds),
      expiresOnTimestamp: seconds * 1_000,
    };
    const around = (httpClient: HttpClient, signal: AbortSignal): Surroundings => ({
      httpClient,
      credential: { getToken: async () => token },
      names: Array.from({ length: request.secrets }, (_, i) => `secret-${i}`),
      signal,
    });
    await rehearse(contender, (signal) => around(createRoutedHttpClient(routesTo(origins, 'rehearsal')), signal));
    const httpClients = Array.from({ length: instances }, () => createRoutedHttpClient(routesTo(origins, 'vault')));
    await Promise.all(httpClients.map(openConnection));
    const meter = createMeter(VAULT_HOST);
    const starts = await Promise.all(
      httpClients.map((client, index) => contender(around(meter.watch(client, index), cap.signal), index)),
    );
    const readyMs: number[] = [];
    let gaveUp = 0;
    const before = { own: process.cpuUsage(), machineMs: machineBusyMs(), vault: await ask<Counts>('begin') };
    meter.begin();
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
    const load = meter.end();
    const tookMs = performance.now() - startedAt;
    const counts = since(before.vault, await ask<Counts>('end'));
    const own = process.cpuUsage(before.own);
    const ownMs = (own.user + own.system) / 1_000 + counts.processorMs;
    readyMs.sort((a, b) => a - b);
    return {
      ready: readyMs.length,
      gaveUp,
      lastReadyMs: readyMs.length === instances ? (readyMs.at(-1) ?? null) : null,
      medianReadyMs: readyMs[readyMs.length >> 1] ?? null,
      counts,
      load,
      othersProcessors: Math.max(0, (machineBusyMs() - before.machineMs - ownMs) / tookMs),
    };
  } finally {
    cap.abort();
    child.kill();
  }
}

const routesTo = (origins: Origins, vault: 'vault' | 'rehearsal'): Record<string, string> => ({
  [VAULT_HOST]: origins[vault],
  [STORE_HOST]: origins.store,
});

/**
 * The first requests of a process cost several times what later ones do, until its code is compiled: what each of 500 machines
 * pays for itself, one process would pay for all in a row. So both processes have done this before, on a vault that refuses nobody.
 */
async function rehearse(contender: Contender, around: (signal: AbortSignal) => Surroundings): Promise<void> {
  const over = new AbortController();
  const players = Array.from({ length: REHEARSING }, (_, index) => contender(around(over.signal), index));
  await Promise.all((await Promise.all(players)).map((begin) => begin()));
  over.abort();
}

/**
 * What 500 machines do side by side in a moment, one process would do one after another for a second: so each instance, with
 * sockets of its own as a process has, is connected to the vault when the clock starts.
 */
async function openConnection(client: HttpClient): Promise<void> {
  await client.sendRequest(createPipelineRequest({ url: `https://${VAULT_HOST}/` }));
}

function since(before: Counts, after: Counts): Counts {
  return {
    served: after.served - before.served,
    refused: after.refused - before.refused,
    challenges: after.challenges - before.challenges,
    halfMs: after.halfMs,
    processorMs: after.processorMs - before.processorMs,
  };
}
