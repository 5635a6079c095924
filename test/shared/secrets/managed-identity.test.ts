import type { HttpClient } from '@azure/core-rest-pipeline';
import { ManagedIdentityCredential } from '@azure/identity';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createSecrets, type Secrets } from '../../../shared/secrets/index.ts';
import { TOKEN_PROBE_MS } from '../../../shared/secrets/token.ts';
import { seededRandom } from '../../../simulation/random.ts';
import type { Outage, SimulatedServer } from '../../../simulation/servers/http-server.ts';
import { startImdsServer } from '../../../simulation/servers/imds.ts';
import { createRoutedHttpClient } from '../../../simulation/servers/routed-http-client.ts';
import { startVaultServer, type VaultServer } from '../../../simulation/servers/vault.ts';
import { settle, VAULT } from './kit.ts';

/*
 * The real ManagedIdentityCredential with the retries of its own, which know no other clock than the machine's: so the
 * machine's is played. Requests pass over real sockets, whose timers are not.
 */
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const identity = {
  appId: '11111111-1111-4111-8111-111111111111',
  objectId: '22222222-2222-4222-8222-222222222222',
  tenantId: '33333333-3333-4333-8333-333333333333',
};

let imds: SimulatedServer;
let vault: VaultServer;
let client: Secrets;
let underWay = 0;
let hangs = false;
let identities = 0;
let lifetimeSeconds = 0;

// One for the file: the first credential of a process lends its client to all that follow.
beforeAll(async () => {
  imds = await startImdsServer({ identity, lifetimeSeconds: () => lifetimeSeconds, now: () => Date.now() });
});
afterAll(() => imds.close());
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: Date.UTC(2026, 0, 5, 10) });
  vi.spyOn(Math, 'random').mockImplementation(seededRandom(7));
  hangs = false;
});
afterEach(async () => {
  await client.close();
  await vault.close();
  setOutage('none');
  vi.restoreAllMocks();
  vi.useRealTimers();
});

function counted(origins: Record<string, string>, waitsFor: () => boolean): HttpClient {
  const routed = createRoutedHttpClient(origins);
  return {
    async sendRequest(request) {
      const counts = waitsFor();
      if (counts) underWay++;
      try {
        return await routed.sendRequest(request);
      } finally {
        if (counts) underWay--;
      }
    },
  };
}

async function open(tokenSeconds: number): Promise<void> {
  lifetimeSeconds = tokenSeconds;
  vault = await startVaultServer({
    vault: { name: 'kv-one', subscriptionId: '00000000-0000-0000-0000-000000000000', resourceGroup: 'rg-one' },
    tenantId: identity.tenantId,
    secrets: new Map(['db', 'api', 'late'].map((name) => [name, { value: `${name}-value` }])),
    now: () => Date.now(),
  });
  // A client id of its own: the credential's cache is one for the process.
  const credential = new ManagedIdentityCredential({
    clientId: `00000000-0000-4000-8000-${String(identities++).padStart(12, '0')}`,
    httpClient: counted({ '169.254.169.254': imds.origin }, () => !hangs),
  });
  client = await createSecrets({
    credential,
    ttlMs: 10 * MINUTE,
    vaultClientOptions: { httpClient: counted({ 'kv-one.vault.azure.net': vault.origin }, () => true) },
  });
}

async function play(ms: number): Promise<void> {
  for (let played = 0; played < ms; played += SECOND) {
    await settle(() => underWay);
    vi.advanceTimersByTime(SECOND);
  }
  await settle(() => underWay);
}

/** Plays time until the read settles: its value, or the kind of its error, and how long it took. */
async function read(name: string): Promise<{ answer: string; tookMs: number }> {
  const startedAt = Date.now();
  let answer: string | undefined;
  client.getSecret(VAULT, name).then(
    (value) => {
      answer = value;
    },
    (error: unknown) => {
      answer = String(Reflect.get(Object(error), 'kind'));
    },
  );
  await settle(() => underWay);
  while (answer === undefined && Date.now() - startedAt < 10 * MINUTE) await play(SECOND);
  return { answer: answer ?? 'nothing within ten minutes', tookMs: Date.now() - startedAt };
}

async function readFor(ms: number): Promise<Set<string>> {
  const seen = new Set<string>();
  for (let played = 0; played < ms; played += MINUTE) {
    await play(MINUTE);
    seen.add((await read('db')).answer);
  }
  return seen;
}

function setOutage(outage: Outage): void {
  hangs = outage === 'hang';
  imds.setOutage(outage);
}

/** With the most requests in an hour: a probe each 35 to 60 s, of six tries at 404 and 410, four at 500 and a cut, one at 429 and none. */
const OUTAGES: [string, Outage, number][] = [
  ['404', { status: 404 }, 330],
  ['410', { status: 410 }, 330],
  ['429', { status: 429 }, 80],
  ['500', { status: 500 }, 240],
  ['a cut connection', 'cut', 240],
  ['no answer', 'hang', 80],
];

describe('the endpoint of the managed identity fails for an hour', () => {
  test.each(OUTAGES)(
    'with %s: no cached secret is lost, nobody storms it, and a probe ends it',
    async (_what, outage, most) => {
      await open(20 * 60);
      expect((await read('db')).answer).toBe('db-value');
      setOutage(outage);
      const [requests, challenges] = [imds.requests(), vault.counts().challenges];
      expect(await readFor(HOUR)).toEqual(new Set(['db-value']));
      expect(imds.requests() - requests).toBeLessThanOrEqual(most);
      expect(vault.counts().challenges).toBe(challenges);
      const first = await read('api');
      expect(first.answer).toBe('unavailable');
      expect(first.tookMs).toBeLessThanOrEqual(31 * SECOND);
      expect(client.stats().stale).toBeGreaterThan(10);

      setOutage('none');
      await play(TOKEN_PROBE_MS + SECOND);
      const { stale } = client.stats();
      expect((await read('db')).answer).toBe('db-value');
      expect(client.stats().stale).toBe(stale);
      expect(await read('api')).toEqual({ answer: 'api-value', tookMs: 0 });
    },
  );

  test.each(OUTAGES)(
    'with %s while the token is still good: reads and refreshes go on as if nothing were',
    async (_what, outage, most) => {
      await open(3 * 3_600); // the credential wants a new one after half of it
      expect((await read('db')).answer).toBe('db-value');
      await play(95 * MINUTE);
      const before = imds.requests();
      setOutage(outage);
      expect(await readFor(HOUR)).toEqual(new Set(['db-value']));
      expect(await read('api')).toEqual({ answer: 'api-value', tookMs: 0 });
      expect(client.stats()).toMatchObject({ stale: 0, failures: 0 });
      expect(imds.requests() - before).toBeLessThanOrEqual(most);
    },
  );

  test.each(OUTAGES)(
    'with %s at the start: a first read is refused in time, and served when it is back',
    async (_what, outage) => {
      await open(20 * 60);
      setOutage(outage);
      const first = await read('db');
      expect(first.answer).toBe('unavailable');
      expect(first.tookMs).toBeLessThanOrEqual(31 * SECOND);
      await play(10 * MINUTE);
      expect(vault.requests()).toBe(0);
      setOutage('none');
      await play(TOKEN_PROBE_MS);
      expect((await read('db')).answer).toBe('db-value');
    },
  );
});
