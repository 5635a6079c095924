import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FiringAlert } from '../../../../shared/ports.ts';
import { azure } from '../../../../shared/sources/azure.ts';
import {
  GROUP,
  keptAlert,
  MARK,
  metricRule,
  ruleId,
  type Setting,
  SINCE,
  SUBSCRIPTION,
  startSetting,
  VAULT,
} from './alerts-kit.ts';

let setting: Setting;

beforeEach(async () => {
  setting = await startSetting();
  setting.server.rules.set(ruleId('kv-throttled').toLowerCase(), metricRule('KV-throttled', GROUP.toUpperCase()));
});
afterEach(() => setting.server.close());

async function list(limit = 500, since = SINCE): Promise<{ alerts: FiringAlert[]; complete: boolean }> {
  const [cloud] = setting.clouds;
  if (!cloud) throw new Error('there is no scope');
  return cloud.list({ since, limit, mark: MARK });
}

/** What the action group sends for the alert of the kit. */
const WEBHOOK = {
  schemaId: 'azureMonitorCommonAlertSchema',
  data: {
    essentials: {
      alertId: `${SUBSCRIPTION}/providers/Microsoft.AlertsManagement/alerts/22222222-2222-2222-2222-000000000001`,
      alertRule: 'KV-throttled',
      severity: 'Sev2',
      signalType: 'Metric',
      monitorCondition: 'Fired',
      monitoringService: 'Platform',
      alertTargetIDs: [VAULT],
      configurationItems: ['kv-shop'],
      originAlertId: 'origin-1',
      firedDateTime: '2026-11-20T13:50:00.1234567Z',
      description: 'Key Vault returned HTTP 429',
      essentialsVersion: '1.0',
      alertContextVersion: '1.0',
    },
    alertContext: { ...Object(keptAlert().properties['context']).context, properties: { team: 'payments' } },
    customProperties: { team: 'payments' },
  },
};

describe('what fires in Azure Monitor', () => {
  test('is the same alert as its webhook, with whom its rule notifies', async () => {
    setting.server.alerts.push(keptAlert());
    const { alerts, complete } = await list();
    expect(complete).toBe(true);
    expect(alerts).toMatchObject([
      { source: 'azure', rule: 'KV-throttled', firedAt: '2026-11-20T13:50:00.123Z', notifies: [GROUP] },
    ]);
    expect(alerts[0]).not.toHaveProperty('suppressed');
    const at = '2026-11-20T14:00:00.000Z';
    const [listed, sent] = [azure.parse(alerts[0]?.body, at), azure.parse(WEBHOOK, at)];
    if (!listed.ok || !sent.ok) throw new Error('not understood');
    const [{ ruleId: _rule, custom, ...found } = { custom: {} }] = listed.alerts;
    const [{ custom: sentCustom, ...expected } = { custom: {} }] = sent.alerts;
    expect(found).toEqual(expected);
    expect(custom).toEqual({ ...sentCustom, headroom_reconciled: 'found' });
  });

  test('is read over all pages, oldest first, and each rule once', async () => {
    for (let n = 60; n >= 1; n -= 1) {
      const startDateTime = new Date(Date.parse(SINCE) + n * 1_000).toISOString();
      setting.server.alerts.push(keptAlert({ startDateTime }, n));
    }
    const { alerts, complete } = await list();
    expect([alerts.length, complete]).toEqual([60, true]);
    expect(alerts.map(({ firedAt }) => firedAt)).toEqual(alerts.map(({ firedAt }) => firedAt).toSorted());
    expect(setting.server.received.filter(({ path }) => path.includes('/alerts?'))).toHaveLength(3);
    expect(setting.server.received.filter(({ path }) => path.includes('metricalerts'))).toHaveLength(1);
  });

  test.each([
    [59, 59, false],
    [60, 60, true],
  ])('with a limit of %i gives %i of 60, complete: %s', async (limit, given, complete) => {
    for (let n = 1; n <= 60; n += 1) setting.server.alerts.push(keptAlert({}, n));
    const listed = await list(limit);
    expect([listed.alerts.length, listed.complete]).toEqual([given, complete]);
  });

  test.each<[string, Record<string, unknown>, Partial<FiringAlert> | null]>([
    [
      'suppressed',
      { actionStatus: { isSuppressed: true } },
      { suppressed: 'an alert processing rule suppresses its actions' },
    ],
    ['closed by a person', { alertState: 'Closed' }, { suppressed: 'somebody has closed it' }],
    ['resolved meanwhile', { monitorCondition: 'Resolved' }, null],
    ['fired before', { startDateTime: '2026-11-20T12:59:59.9999999Z' }, null],
    ['of no rule', { alertRule: null }, null],
    ['of a rule that is gone', { alertRule: ruleId('gone') }, { notifies: [], rule: 'gone' }],
    ['of a portal page in place of a rule', { alertRule: 'https://portal.example/#rule' }, { notifies: [] }],
    ['of a time that is none', { startDateTime: 'yesterday' }, null],
  ])('that is %s', async (_what, essentials, expected) => {
    setting.server.alerts.push(keptAlert(essentials));
    const { alerts } = await list();
    if (expected === null) expect(alerts).toEqual([]);
    else expect(alerts).toMatchObject([expected]);
  });

  test('names the service as its webhook does', async () => {
    setting.server.alerts.push(keptAlert({ monitorService: 'ActivityLog Administrative' }));
    expect((await list()).alerts[0]?.body).toMatchObject({
      data: { essentials: { monitoringService: 'Activity Log - Administrative' } },
    });
  });

  test('leaves out what is no alert, and keeps the rest', async () => {
    setting.server.alerts.push(keptAlert(), { ...keptAlert({}, 2), id: `${VAULT}/odd` });
    expect((await list()).alerts).toHaveLength(1);
  });

  test('is asked once for scopes that lie in one another', async () => {
    const { clouds, server } = await startSetting([
      VAULT,
      SUBSCRIPTION,
      `${SUBSCRIPTION}0`,
      SUBSCRIPTION.toLowerCase(),
    ]);
    expect(clouds.map(({ name }) => name)).toEqual([`azure ${SUBSCRIPTION}`, `azure ${SUBSCRIPTION}0`]);
    await server.close();
  });
});

describe('the rules', () => {
  test.each([
    ['microsoft.insights/metricalerts', { actions: [{ actionGroupId: GROUP }] }],
    ['microsoft.insights/scheduledqueryrules', { actions: { actionGroups: [GROUP] } }],
    ['microsoft.insights/activitylogalerts', { actions: { actionGroups: [{ actionGroupId: GROUP }] } }],
    ['microsoft.alertsmanagement/smartdetectoralertrules', { actionGroups: { groupIds: [GROUP] } }],
    [
      'microsoft.alertsmanagement/prometheusrulegroups',
      { rules: [{ alert: 'a', actions: [{ actionGroupId: GROUP }] }] },
    ],
  ])('of kind %s are read', async (kind, properties) => {
    setting.server.rules.set(ruleId('mine', kind).toLowerCase(), { name: 'Mine', properties });
    setting.server.alerts.push(keptAlert({ alertRule: ruleId('mine', kind) }));
    expect((await list()).alerts).toMatchObject([{ rule: 'Mine', notifies: [GROUP] }]);
  });

  test('of a kind that is not known are not asked for', async () => {
    setting.server.alerts.push(keptAlert({ alertRule: ruleId('odd', 'microsoft.odd/rules') }));
    expect((await list()).alerts).toMatchObject([{ notifies: [] }]);
    expect(setting.server.received).toHaveLength(1);
  });

  test('are read again after ten minutes', async () => {
    setting.server.alerts.push(keptAlert());
    const reads = (): number => setting.server.received.filter(({ path }) => path.includes('metricalerts')).length;
    await list();
    await list();
    expect(reads()).toBe(1);
    setting.clock.advance(10 * 60_000);
    await list();
    expect(reads()).toBe(2);
  });

  test('beyond forty in one run are left for the next', async () => {
    for (let n = 1; n <= 45; n += 1) {
      setting.server.rules.set(ruleId(`r${n}`).toLowerCase(), metricRule(`r${n}`, GROUP));
      setting.server.alerts.push(keptAlert({ alertRule: ruleId(`r${n}`) }, n));
    }
    const first = await list();
    const second = await list();
    expect([first.alerts.length, first.complete]).toEqual([40, false]);
    expect([second.alerts.length, second.complete]).toEqual([45, true]);
  });
});
