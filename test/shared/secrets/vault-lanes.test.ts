import type { HttpClient } from '@azure/core-rest-pipeline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTelemetry } from '../../../shared/secrets/telemetry.ts';
import { guardCredential } from '../../../shared/secrets/token.ts';
import { createVaultLanes } from '../../../shared/secrets/vault-lanes.ts';
import { seededRandom } from '../../../simulation/random.ts';
import { createRoutedHttpClient } from '../../../simulation/servers/routed-http-client.ts';
import { issueToken } from '../../../simulation/servers/tokens.ts';
import { startVaultServer, type VaultServer } from '../../../simulation/servers/vault.ts';
import { createFakeClock } from './kit.ts';

let vault: VaultServer;
beforeEach(async () => {
  vault = await startVaultServer({
    vault: { name: 'busy', subscriptionId: '00000000-0000-0000-0000-000000000000', resourceGroup: 'rg-one' },
    tenantId: '33333333-3333-4333-8333-333333333333',
    secrets: new Map([['s', { value: 'v' }]]),
  });
});
afterEach(() => vault.close());

/** The vault's client, whose requests wait until they are let go. */
function createHeldClient(): { httpClient: HttpClient; letGo: () => void } {
  const routed = createRoutedHttpClient({ 'busy.vault.azure.net': vault.origin });
  const { promise, resolve } = Promise.withResolvers<void>();
  return { httpClient: { sendRequest: (request) => promise.then(() => routed.sendRequest(request)) }, letGo: resolve };
}

function openLanes(httpClient: HttpClient, maxVaults: number) {
  const clock = createFakeClock();
  const timing = { ...clock, idle: clock.sleep };
  const random = seededRandom(1);
  const expires = Math.floor(Date.now() / 1_000) + 3_600;
  const identity = { appId: 'a', objectId: 'b', tenantId: 'c' };
  const token = {
    token: issueToken(identity, 'https://vault.azure.net', expires),
    expiresOnTimestamp: clock.now() + 3_600_000,
  };
  const context = {
    credential: guardCredential({ getToken: async () => token }, timing, random),
    timing,
    random,
    telemetry: createTelemetry(undefined, undefined, { cached: () => 0, *vaults() {} }),
  };
  const options = { vaultRequestsPer10Seconds: 2_000, vaultClientOptions: { httpClient } };
  return createVaultLanes(options, context, maxVaults);
}

const vaultOf = (name: string): string => `https://${name}.vault.azure.net`;

test('a vault has one lane; beyond the bound the idle one longest not asked makes room', () => {
  const lanes = openLanes(createHeldClient().httpClient, 2);
  const a = lanes.of(vaultOf('a'));
  expect(lanes.of(vaultOf('a'))).toBe(a);
  for (const name of ['b', 'a', 'c']) lanes.of(vaultOf(name));
  expect([...lanes.all()].map(({ origin }) => origin)).toEqual([vaultOf('a'), vaultOf('c')]);
  expect(lanes.of(vaultOf('a'))).toBe(a);
});

test('a lane with work is never closed for another', async () => {
  const { httpClient, letGo } = createHeldClient();
  const lanes = openLanes(httpClient, 1);
  const reading = lanes.of(vaultOf('busy')).read('s', undefined, 'critical');
  for (const name of ['b', 'c', 'd']) lanes.of(vaultOf(name));
  expect([...lanes.all()].map(({ origin }) => origin)).toEqual([vaultOf('busy'), vaultOf('d')]);
  letGo();
  expect(await reading).toMatchObject({ kind: 'secret', value: 'v' });
  lanes.close();
});

test('a ceiling holds for lanes that are opened later too', () => {
  const lanes = openLanes(createHeldClient().httpClient, 10);
  lanes.of(vaultOf('a'));
  lanes.limit(0.5);
  lanes.of(vaultOf('b'));
  expect([...lanes.all()].map((lane) => lane.ratePerSecond())).toEqual([0.5, 0.5]);
  lanes.limit(null);
  expect([...lanes.all()].map((lane) => lane.ratePerSecond())).toEqual([null, null]);
});
