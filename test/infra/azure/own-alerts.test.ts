import { beforeAll, describe, expect, test } from 'vitest';
import { azure } from '../../../shared/sources/azure.ts';
import { deployMain, ruleNamed } from './deployed.ts';
import { asFields, type Deployed } from './evaluate.ts';
import { type Minute, type Series, watch } from './monitor.ts';

const START = Date.parse('2026-01-05T10:00:00Z');
const HOUR_MS = 3_600_000;

let deployed: Deployed[];
beforeAll(async () => {
  deployed = await deployMain();
});

function capacity(minutes: Minute[]): Series {
  return {
    resourceId: '<stores.outputs.storageAccountId>',
    region: 'westeurope',
    namespace: 'Microsoft.Storage/storageAccounts',
    metric: 'UsedCapacity',
    dimensions: {},
    minutes,
  };
}

describe('the canary', () => {
  test('comes every hour as long as it is deployed, empty storage or not, and is known for what it is', () => {
    const minutes = Array.from({ length: 24 }, (_, hour) => ({ at: START + hour * HOUR_MS, sum: 0, count: 1 }));
    const notifications = watch(
      ruleNamed('headroom-canary', deployed),
      [capacity(minutes)],
      START + HOUR_MS,
      START + 24 * HOUR_MS,
    );
    expect(notifications.map(({ at }) => (at - START) / HOUR_MS)).toEqual(Array.from({ length: 24 }, (_, i) => i + 1));
    expect(notifications.every(({ condition }) => condition === 'Fired')).toBe(true);
    const bodies = notifications.map((one) => azure.parse(one.payload, new Date(one.at).toISOString()));
    for (const body of bodies) expect(body).toMatchObject({ ok: true, alerts: [{ synthetic: 'canary' }] });
  });

  test('is missed from outside: no heartbeat in fifteen minutes is told to people and not to Headroom', () => {
    const silent = deployed.find(({ symbol }) => symbol === 'heartbeat')?.body;
    const { criteria, actions, windowSize } = asFields(silent?.['properties']);
    const [criterion] = criteriaOf(criteria);
    expect(windowSize).toBe('PT15M');
    expect(criterion).toMatchObject({ timeAggregation: 'Count', operator: 'LessThan', threshold: 1 });
    expect(criterion?.['query']).toBe(`AppTraces | where Message contains '"event":"heartbeat"'`);
    expect(actions).toEqual({ actionGroups: ['<receivers.outputs.peopleGroupId>'] });
  });
});

function criteriaOf(criteria: unknown): Record<string, unknown>[] {
  const all = asFields(criteria)['allOf'];
  return Array.isArray(all) ? all.map(asFields) : [];
}
