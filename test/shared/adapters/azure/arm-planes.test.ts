import { expect, test } from 'vitest';
import { createAlertStates } from '../../../../shared/adapters/azure/close-alert.ts';
import { createProcessingRules } from '../../../../shared/adapters/azure/processing-rule.ts';
import { type AzureAlertsServer, startAzureAlerts } from '../../../../simulation/servers/azure-alerts.ts';
import type { Fault } from '../../../../simulation/servers/faulty-server.ts';
import { type ControlPlaneSubject, controlPlaneContract } from '../../../contract/control-plane.ts';
import { seededRandom } from '../../../kit.ts';

const SUBSCRIPTION = '/subscriptions/00000000-0000-0000-0000-000000000000';
const VAULT = `${SUBSCRIPTION}/resourcegroups/rg-contoso/providers/microsoft.keyvault/vaults/kv-contoso`;
const ALERT = `${SUBSCRIPTION}/providers/microsoft.alertsmanagement/alerts/kv-throttled-1`;
const RULE = `${SUBSCRIPTION}/resourcegroups/rg-contoso/providers/microsoft.alertsmanagement/actionrules/headroom-k3f7q2ab`;
const TOKEN = 'the-token-of-the-actor';

function optionsOf({ origin }: AzureAlertsServer) {
  return {
    host: { url: origin, scope: 'https://management.azure.com/.default' },
    credential: { getToken: async () => ({ token: TOKEN, expiresOnTimestamp: Date.now() + 3_600_000 }) },
    actor: 'aaaaaaaa-0000-4000-8000-00000000000a',
    calls: { clock: { now: () => Date.now(), sleep: async () => undefined }, random: seededRandom(1), tryMs: 2_000 },
  };
}

function outageOf(server: AzureAlertsServer): ControlPlaneSubject['outage'] {
  const faults: Record<string, Fault | undefined> = {
    dead: { cut: 'before' },
    denied: { status: 403, body: '{"error":{"code":"AuthorizationFailed"}}' },
    slow: { hang: 'before' },
    throttled: { status: 429, headers: { 'retry-after': '0' } },
  };
  return (how) => {
    server.weather.next = () => faults[how];
  };
}

async function alertSubject(): Promise<ControlPlaneSubject> {
  const server = await startAzureAlerts();
  const essentials: Record<string, unknown> & { startDateTime: string } = {
    startDateTime: '2026-11-20T14:00:00Z',
    alertState: 'New',
  };
  server.alerts.push({ id: ALERT, properties: { essentials } });
  return {
    plane: createAlertStates(optionsOf(server)),
    target: { kind: 'alert', id: ALERT, resource: VAULT },
    desired: 'Closed',
    standing: () => (essentials['alertState'] === 'New' ? null : essentials['alertState']),
    meddle: () => {
      essentials['alertState'] = 'Acknowledged';
    },
    writes: () => server.changes.length,
    outage: outageOf(server),
    secrets: [TOKEN],
    close: server.close,
  };
}

async function ruleSubject(): Promise<ControlPlaneSubject> {
  const server = await startAzureAlerts();
  return {
    plane: createProcessingRules(optionsOf(server)),
    target: { kind: 'processing-rule', id: RULE, resource: VAULT },
    desired: {
      scope: VAULT,
      from: '2026-11-20T14:00:00.000Z',
      until: '2026-11-20T16:00:00.000Z',
      incident: 'k3f7q2ab',
    },
    standing: () => server.processingRules.get(RULE) ?? null,
    meddle: () => server.processingRules.set(RULE, { location: 'Global', properties: { scopes: [SUBSCRIPTION] } }),
    writes: () => server.changes.length,
    outage: outageOf(server),
    secrets: [TOKEN],
    close: server.close,
  };
}

controlPlaneContract(
  'Azure Alerts Management',
  {
    canUndo: false,
    strangers: [VAULT, `${ALERT}/changestate`, `${ALERT}?newState=Closed`, `${SUBSCRIPTION}/../x`].map((id) => ({
      kind: 'alert',
      id,
      resource: VAULT,
    })),
  },
  alertSubject,
);

controlPlaneContract(
  'alert processing rules',
  {
    canUndo: true,
    strangers: [RULE.replace('headroom-', 'theirs-'), VAULT, `${RULE}/../theirs`].map((id) => ({
      kind: 'processing-rule',
      id,
      resource: VAULT,
    })),
  },
  ruleSubject,
);

test('an alert that was closed can be given the state that it had', async () => {
  const { plane, target, close } = await alertSubject();
  await plane.write(target, 'Closed', 'New');
  expect(await plane.write(target, 'New', 'Closed')).toEqual({ revision: 'New', value: 'New' });
  await close();
});

test('an alert that Azure has forgotten is nothing, and is not closed', async () => {
  const { plane, target, writes, close } = await alertSubject();
  const gone = { ...target, id: `${ALERT}9` };
  expect(await plane.read(gone)).toEqual({ revision: null, value: null });
  expect(await plane.write(gone, 'Closed', null)).toBe('changed');
  expect(writes()).toBe(0);
  await close();
});

test('a processing rule takes away the action groups of one resource, in UTC, until its time', async () => {
  const { plane, target, desired, standing, close } = await ruleSubject();
  await plane.write(target, desired, null);
  expect(standing()).toMatchObject({
    location: 'Global',
    properties: {
      scopes: [VAULT],
      actions: [{ actionType: 'RemoveAllActionGroups' }],
      schedule: { effectiveFrom: '2026-11-20T14:00:00', effectiveUntil: '2026-11-20T16:00:00', timeZone: 'UTC' },
      enabled: true,
    },
  });
  expect((await plane.read(target)).value).toEqual(desired);
  await close();
});
