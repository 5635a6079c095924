import { describe, expect, test } from 'vitest';
import { createLeverStore } from '../../../../shared/adapters/azure/levers.ts';
import { leverKey, readLevers } from '../../../../shared/secrets/levers.ts';
import { type KeyValue, startAppConfigurationServer } from '../../../../simulation/servers/app-configuration.ts';
import { issueToken } from '../../../../simulation/servers/tokens.ts';
import { type ControlPlaneSubject, controlPlaneContract } from '../../../contract/control-plane.ts';
import { seededRandom } from '../../../kit.ts';

const KEY = leverKey('shop', 'ttlSeconds');
const RESOURCE = '/subscriptions/0/resourcegroups/rg/providers/microsoft.keyvault/vaults/kv';
const TARGET = { kind: 'lever', id: KEY, resource: RESOURCE };
const LEVER = { value: 3_600, until: '2026-11-20T16:00:00.000Z', incident: 'k3f7q2ab', by: 'headroom k3f7q2ab-1' };
const ACTOR = { appId: 'aaaaaaaa-0000-4000-8000-00000000000a', objectId: 'o', tenantId: 't' };

async function openStore(keyValues: KeyValue[] = []) {
  const server = await startAppConfigurationServer({ keyValues });
  const scopes: unknown[] = [];
  const token = issueToken(ACTOR, 'https://appconfig.azure.com', Math.floor(Date.now() / 1_000) + 3_600);
  const plane = createLeverStore({
    endpoint: server.origin,
    scope: 'https://appconfig.azure.com/.default',
    credential: {
      async getToken(scope) {
        scopes.push(scope);
        return { token, expiresOnTimestamp: Date.now() + 3_600_000 };
      },
    },
    actor: ACTOR.appId,
    calls: {
      clock: { now: () => Date.now(), sleep: async () => undefined },
      random: seededRandom(1),
      tryMs: 2_000,
    },
  });
  return { server, plane, keyValues, scopes, token };
}

async function openSubject(): Promise<ControlPlaneSubject> {
  const { server, plane, keyValues, token } = await openStore();
  return {
    plane,
    target: TARGET,
    desired: LEVER,
    standing: () => keyValues.find(({ key }) => key === KEY) ?? null,
    meddle: () => keyValues.push({ key: KEY, value: '{"value":1}' }),
    writes: () => server.counts().writes,
    outage(how) {
      const statuses = { denied: 403, throttled: 429 } as const;
      if (how === 'dead') server.setOutage('cut');
      else if (how === 'slow') server.setOutage('hang');
      else server.setOutage(how === 'none' ? 'none' : { status: statuses[how], headers: { 'retry-after-ms': '20' } });
    },
    secrets: [token],
    close: () => server.close(),
  };
}

controlPlaneContract(
  'the lever store',
  {
    canUndo: true,
    strangers: [
      { kind: 'lever', id: 'ConnectionStrings:Database', resource: RESOURCE },
      { kind: 'lever', id: 'headroom:config:actions', resource: RESOURCE },
      { kind: 'lever', id: 'headroom:shop:secrets:ttlSeconds?label=prod', resource: RESOURCE },
      { kind: 'lever', id: 'headroom:a/../b:secrets:paused', resource: RESOURCE },
      { kind: 'alert', id: KEY, resource: RESOURCE },
    ],
  },
  openSubject,
);

describe('a lever in the store', () => {
  test('is understood by the library that obeys it', async () => {
    const { server, plane, keyValues } = await openStore();
    await plane.write(TARGET, LEVER, null);
    const [written] = keyValues;
    const at = Date.parse('2026-11-20T14:00:00Z');
    const { levers, ignored } = readLevers(
      new Map([[KEY, { key: KEY, label: undefined, kind: 'plain', value: written?.value ?? '', lastModified: at }]]),
      'shop',
      at,
      undefined,
    );
    expect(ignored).toEqual([]);
    expect(levers.ttlMs).toEqual({ value: 3_600_000, until: Date.parse(LEVER.until), incident: 'k3f7q2ab' });
    await server.close();
  });

  test('is written back as it was, also where it was no JSON', async () => {
    const { server, plane, keyValues } = await openStore([{ key: KEY, value: 'by hand: {' }]);
    const before = await plane.read(TARGET);
    expect(before.value).toBe('by hand: {');
    const made = await plane.write(TARGET, LEVER, before.revision);
    if (made === 'changed') throw new Error('changed');
    await plane.write(TARGET, before.value, made.revision);
    expect(keyValues[0]?.value).toBe('by hand: {');
    await server.close();
  });

  test('is written with a token of the actor, for App Configuration and nothing else', async () => {
    const { server, plane, scopes } = await openStore();
    await plane.write(TARGET, LEVER, null);
    expect(scopes).toEqual(['https://appconfig.azure.com/.default']);
    await server.close();
  });

  test('names the store and the actor in the command that grants what is missing', async () => {
    const { server, plane } = await openStore();
    server.setOutage({ status: 403 });
    await expect(plane.read(TARGET)).rejects.toMatchObject({
      kind: 'denied',
      nextStep:
        `Grant it: az role assignment create --assignee ${ACTOR.appId} --role "App Configuration Data Owner" ` +
        '--scope "$(az appconfig show --name 127 --query id --output tsv)"',
    });
    await server.close();
  });
});
