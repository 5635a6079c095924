import { describe, expect, test } from 'vitest';
import { UNKEPT_PAYLOAD } from '../../../shared/sources/alert.ts';
import { azure } from '../../../shared/sources/azure.ts';
import { BOUNDS } from '../../../shared/sources/bounds.ts';
import { alertsOf, at, fixture, onlyAlert, RECEIVED_AT } from './fixtures.ts';

const SUBSCRIPTION = '00000000-0000-0000-0000-000000000000';
const GROUP = `/subscriptions/${SUBSCRIPTION}/resourcegroups/rg-contoso/providers`;
const VAULT = `${GROUP}/microsoft.keyvault/vaults/kv-contoso`;

function read(name: string) {
  return onlyAlert(azure.parse(fixture(`azure/${name}`), RECEIVED_AT));
}

/** The static metric alert with its essentials changed. */
function withEssentials(changes: Record<string, unknown>) {
  const body = fixture('azure/metric-static-kv429-fired');
  Object.assign(at(body, 'data', 'essentials'), changes);
  return body;
}

describe('a metric alert', () => {
  test('carries all that its payload says', () => {
    expect(read('metric-static-kv429-fired')).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{16}$/),
      instance: expect.stringMatching(/^[0-9a-f]{16}$/),
      source: 'azure',
      category: 'metric',
      rule: 'kv-throttled',
      ruleId: `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-contoso/providers/microsoft.insights/metricAlerts/kv-throttled`,
      reference: `/subscriptions/${SUBSCRIPTION}/providers/microsoft.alertsmanagement/alerts/11111111-1111-1111-1111-111111111111`,
      severity: 2,
      state: 'fired',
      firedAt: '2026-01-05T10:07:24.371Z',
      receivedAt: RECEIVED_AT,
      resource: {
        cloud: 'azure',
        id: VAULT,
        name: 'kv-contoso',
        type: 'microsoft.keyvault/vaults',
        scope: SUBSCRIPTION,
      },
      description: 'Key Vault returned HTTP 429',
      signals: [
        {
          metric: 'ServiceApiResult',
          namespace: 'Microsoft.KeyVault/vaults',
          operator: 'GreaterThan',
          threshold: 10,
          value: 184,
          aggregation: 'Total',
          windowSeconds: 300,
          dimensions: { ActivityType: 'vault', ActivityName: 'secretget', StatusCode: '429' },
        },
      ],
      links: [],
      custom: { team: 'platform', runbook: 'kv-throttling' },
      payload: UNKEPT_PAYLOAD,
    });
  });

  test.each([
    ['metric-dynamic-kv-hits-fired', { metric: 'ServiceApiHit', threshold: 2310.5, value: 9120, windowSeconds: 900 }],
    ['metric-multiresource-kv-saturation-fired', { metric: 'SaturationShoebox', threshold: 75, value: 91.4 }],
    ['metric-webtest-fired', { metric: 'Failed Location', dimensions: { webTestName: 'shop-front-ai-contoso' } }],
  ])('of %s gives its signal', (name, signal) => {
    expect(read(name)).toMatchObject({ category: 'metric', state: 'fired', signals: [signal] });
  });

  test('resolved shares the instance of the fired one and has another id', () => {
    const [fired, resolved] = [read('metric-static-kv429-fired'), read('metric-static-kv429-resolved')];
    expect(resolved).toMatchObject({
      state: 'resolved',
      resolvedAt: '2026-01-05T10:22:31.224Z',
      firedAt: fired.firedAt,
    });
    expect(resolved.instance).toBe(fired.instance);
    expect(resolved.id).not.toBe(fired.id);
  });

  test('with several targets becomes one alert for each, in lower case and without trailing slash', () => {
    const alerts = alertsOf(azure.parse(fixture('azure/metric-two-targets-fired'), RECEIVED_AT));
    expect(alerts.map((alert) => alert.resource.id)).toEqual([VAULT, VAULT.replace('kv-contoso', 'kv-fabrikam')]);
    expect(new Set(alerts.flatMap((alert) => [alert.id, alert.instance])).size).toBe(4);
  });

  test('keeps the link to the investigation', () => {
    const url =
      'https://portal.azure.com/#view/Microsoft_Azure_Monitoring_Alerts/Investigation.ReactView/alertId/example';
    expect(read('metric-multiresource-kv-saturation-fired').links).toEqual([{ label: 'Investigate in Azure', url }]);
  });
});

describe('a log alert', () => {
  test.each([
    ['log-v2-fired', { operator: 'GreaterThan', threshold: 0, value: 42, aggregation: 'Count', windowSeconds: 600 }],
    ['log-simple-fired', { value: 1, dimensions: {} }],
    [
      'log-v1-legacy-fired',
      { operator: 'Less Than', threshold: 10_000, windowSeconds: 900, dimensions: { Computer: 'host-1' } },
    ],
  ])('of %s gives the query as its signal and the search as its link', (name, signal) => {
    const alert = read(name);
    expect(alert).toMatchObject({ category: 'log', signals: [signal] });
    expect(alert.signals[0]?.metric).toMatch(/^(AZKVAuditLogs|Heartbeat) \| /);
    expect(alert.links.map((link) => link.label)).toEqual(['Filtered search results']);
  });

  test('on a workspace is about the resource that its dimension names', () => {
    expect(read('log-v2-fired').resource.id).toBe(VAULT);
  });

  test('without such a dimension is about its target', () => {
    const body = fixture('azure/log-v2-fired');
    at(body, 'data', 'alertContext', 'condition', 'allOf', 0)['dimensions'] = [{ name: 'Computer', value: 'host-1' }];
    expect(onlyAlert(azure.parse(body, RECEIVED_AT)).resource.name).toBe('law-contoso');
  });

  test('of the legacy kind that measures a metric gives no value, since its count is of rows', () => {
    const body = fixture('azure/log-v1-legacy-fired');
    expect(read('log-v1-legacy-fired').signals[0]).not.toHaveProperty('value');
    at(body, 'data', 'alertContext')['AlertType'] = 'Number of results';
    expect(onlyAlert(azure.parse(body, RECEIVED_AT)).signals[0]?.value).toBe(2);
  });

  test('of the legacy kind is known by its shape when the service says Platform', () => {
    const body = fixture('azure/log-v1-legacy-fired');
    at(body, 'data', 'essentials')['monitoringService'] = 'Platform';
    expect(onlyAlert(azure.parse(body, RECEIVED_AT)).category).toBe('log');
  });
});

describe('other kinds', () => {
  test.each([
    [
      'activity-administrative-fired',
      'activity',
      { metric: 'Microsoft.KeyVault/vaults/write', namespace: 'Administrative' },
    ],
    ['activity-policy-fired', 'activity', { metric: 'Microsoft.Authorization/policies/audit/action' }],
    [
      'activity-autoscale-fired',
      'activity',
      { metric: 'Microsoft.Insights/AutoscaleSettings/Scaleup/Action', value: 10 },
    ],
    ['activity-security-fired', 'activity', { metric: 'Microsoft.Security/locations/alerts/activate/action' }],
    ['activity-resourcehealth-fired', 'resource-health', { dimensions: { currentHealthStatus: 'Unavailable' } }],
    ['activity-servicehealth-fired', 'service-health', { dimensions: { trackingId: 'ABCD-123', stage: 'Active' } }],
    ['smartdetector-fired', 'smart-detector', { metric: 'Dependency Performance Degradation Detector', value: 0.45 }],
    ['prometheus-fired-essentials-unverified', 'prometheus', { metric: 'up == 0', value: 0, windowSeconds: 120 }],
    ['testaction-budget-nulls', 'budget', { metric: 'Cost', threshold: 50, value: 111, aggregation: 'Forecasted' }],
  ])('%s is a %s alert', (name, category, signal) => {
    expect(read(name)).toMatchObject({ category, state: 'fired', signals: [signal] });
  });

  test('a service that is not known still gives a readable alert', () => {
    expect(read('other-unknown-service-fired')).toMatchObject({
      category: 'other',
      rule: 'quota-watch',
      severity: 1,
      description: 'Quota of vaults in East US is nearly used up',
      custom: { team: 'platform' },
      signals: [],
    });
  });

  test('an autoscale event is described by what the engine did, not by its rule', () => {
    expect(read('activity-autoscale-fired').description).toMatch(/^The autoscale engine attempting to scale/);
  });

  test('a Prometheus alert is about the resource that a label names, before its target', () => {
    const other = VAULT.replace('kv-contoso', 'kv-fabrikam');
    const body = fixture('azure/prometheus-fired-essentials-unverified');
    at(body, 'data', 'alertContext', 'labels')['_ResourceId'] = other;
    expect(onlyAlert(azure.parse(body, RECEIVED_AT)).resource.id).toBe(other);
  });

  test('an activity log alert names no person', () => {
    expect(JSON.stringify(read('activity-administrative-fired'))).not.toMatch(/user@contoso\.com|88888888/);
  });

  test('a budget, which names neither rule nor target, is about its rule', () => {
    expect(read('testaction-budget-nulls')).toMatchObject({
      rule: 'example',
      severity: 3,
      resource: { cloud: 'azure', id: `azure:${SUBSCRIPTION}:example`, type: 'unknown', scope: SUBSCRIPTION },
    });
  });
});

describe('a test notification of the portal', () => {
  test.each([
    ['testaction-metric-static', 'test'],
    ['testaction-budget-nulls', 'test'],
    ['testaction-activity-log', 'test'],
    ['testaction-availability', 'test'],
    ['activity-servicehealth-numeric-test', 'test'],
    ['metric-static-kv429-fired', undefined],
    ['activity-servicehealth-fired', undefined],
  ])('%s is marked %s', (name, synthetic) => {
    expect(read(name).synthetic).toBe(synthetic);
  });

  test.each([
    [{ alertRule: 'test-vault' }],
    [{ alertRule: 'my test-metricAlertRule' }],
    [{ alertId: '/x/Test_Alert/1' }],
  ])('is not seen in a real alert that merely looks like one: %s', (changes) => {
    expect(onlyAlert(azure.parse(withEssentials(changes), RECEIVED_AT)).synthetic).toBeUndefined();
  });

  test('never shares ids with a real alert of the same payload', () => {
    const [real, synthetic] = [
      fixture('azure/activity-servicehealth-resolved'),
      fixture('azure/activity-servicehealth-resolved'),
    ];
    at(synthetic, 'data', 'alertContext', 'properties')['IsSynthetic'] = 'True';
    const [a, b] = [real, synthetic].map((body) => onlyAlert(azure.parse(body, RECEIVED_AT)));
    expect([b?.id, b?.instance]).not.toContain(a?.id);
    expect(b?.instance).not.toBe(a?.instance);
  });

  test('a canary is told by its property', () => {
    const body = fixture('azure/metric-static-kv429-fired');
    at(body, 'data')['customProperties'] = { headroom_canary: 'true' };
    expect(onlyAlert(azure.parse(body, RECEIVED_AT)).synthetic).toBe('canary');
  });
});

describe('a body that is not whole', () => {
  test.each([
    ['no data', { data: undefined }, 'data'],
    ['data of another type', { data: [] }, 'data'],
  ])('%s is refused at its path', (_what, changes, path) => {
    expect(azure.parse({ ...withEssentials({}), ...changes }, RECEIVED_AT)).toMatchObject({ ok: false, path });
  });

  test.each([
    ['alertRule', 5, 'data.essentials.alertRule'],
    ['alertTargetIDs', VAULT, 'data.essentials.alertTargetIDs'],
    ['alertTargetIDs', [VAULT, 5], 'data.essentials.alertTargetIDs[1]'],
    ['alertTargetIDs', Array.from({ length: BOUNDS.alerts + 1 }, () => VAULT), 'data.essentials.alertTargetIDs'],
    ['firedDateTime', {}, 'data.essentials.firedDateTime'],
  ])('%s is refused at its path (%#)', (field, value, path) => {
    expect(azure.parse(withEssentials({ [field]: value }), RECEIVED_AT)).toMatchObject({ ok: false, path });
  });

  test('an alert that names nothing is refused', () => {
    const nameless = withEssentials({ alertId: null, alertRule: '', alertTargetIDs: [] });
    expect(azure.parse(nameless, RECEIVED_AT)).toMatchObject({ ok: false, path: 'data.essentials.alertId' });
  });

  test('a context that is no object, or none, still gives an alert', () => {
    const body = withEssentials({});
    at(body, 'data')['alertContext'] = 'nothing';
    at(body, 'data')['customProperties'] = ['nothing'];
    expect(onlyAlert(azure.parse(body, RECEIVED_AT))).toMatchObject({ category: 'metric', signals: [], custom: {} });
  });
});

describe('a body of another product', () => {
  test.each([
    ['a CloudWatch alarm', fixture('cloudwatch/lambda-metric'), /CloudWatch alarm.*POST \/api\/alerts\/sns/],
    ['an SNS notification', fixture('cloudwatch/sns-http-metric'), /CloudWatch alarm.*POST \/api\/alerts\/sns/],
    ['an Alertmanager webhook', fixture('alertmanager/resolved'), /POST \/api\/alerts\/alertmanager/],
    ['an Azure alert in its own schema', { schemaId: 'AzureMonitorMetricAlert', data: {} }, /common alert schema/],
    ['a subscription confirmation', { Type: 'SubscriptionConfirmation' }, /POST \/api\/alerts\/sns/],
    ['a Grafana webhook', { alerts: [], orgId: 1, groupKey: 'a' }, /Grafana.*Alertmanager/],
    ['a list', [], /a list of unknown origin/],
    ['null', null, /null of unknown origin/],
    ['text', 'alert', /a string of unknown origin/],
  ])('%s is named, with the next step', (_what, body, error) => {
    expect(azure.parse(body, RECEIVED_AT)).toMatchObject({
      ok: false,
      path: 'schemaId',
      error: expect.stringMatching(error),
    });
  });
});
