import { describe, expect, test } from 'vitest';
import { UNKEPT_PAYLOAD } from '../../../shared/sources/alert.ts';
import { alertmanager } from '../../../shared/sources/alertmanager.ts';
import { BOUNDS } from '../../../shared/sources/bounds.ts';
import { alertsOf, at, fixture, onlyAlert, RECEIVED_AT } from './fixtures.ts';

/** The truncated webhook, which holds one alert, with that alert changed. */
function withAlert(changes: Record<string, unknown>) {
  const body = fixture('alertmanager/truncated');
  Object.assign(at(body, 'alerts', 0), changes);
  return onlyAlert(alertmanager.parse(body, RECEIVED_AT));
}

function withLabels(changes: Record<string, string>) {
  return withAlert({ labels: { alertname: 'A', ...changes } });
}

describe('a group of firing alerts', () => {
  const [first, second] = alertsOf(alertmanager.parse(fixture('alertmanager/firing-group'), RECEIVED_AT));

  test('gives one alert for each, with all that it says', () => {
    expect(first).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{16}$/),
      instance: expect.stringMatching(/^[0-9a-f]{16}$/),
      source: 'alertmanager',
      category: 'prometheus',
      rule: 'VaultClientThrottled',
      severity: 2,
      state: 'fired',
      firedAt: '2026-01-05T08:01:26.739Z',
      receivedAt: RECEIVED_AT,
      resource: {
        cloud: 'other',
        id: 'other:aks-contoso:VaultClientThrottled',
        name: 'VaultClientThrottled',
        type: 'unknown',
        scope: 'aks-contoso',
      },
      description: 'Key Vault answers 429',
      signals: [
        {
          metric: 'sum by (pod) (rate(vault_client_requests_total{code="429"}[5m])) > 1',
          value: 12.5,
          dimensions: { cluster: 'aks-contoso', job: 'checkout', pod: 'checkout-1' },
        },
      ],
      links: [
        { label: 'Runbook', url: 'https://runbooks.contoso.com/kv-throttling' },
        { label: 'Alertmanager', url: 'https://alertmanager.contoso.com/' },
      ],
      custom: {
        alertname: 'VaultClientThrottled',
        cluster: 'aks-contoso',
        description: 'Pod checkout-1 is refused by Key Vault',
        job: 'checkout',
        pod: 'checkout-1',
        runbook_url: 'https://runbooks.contoso.com/kv-throttling',
        severity: 'warning',
        summary: 'Key Vault answers 429',
        value: '12.5',
      },
      payload: UNKEPT_PAYLOAD,
    });
  });

  test('keeps the two apart, and takes the resource from a label', () => {
    expect(second?.id).not.toBe(first?.id);
    expect(second?.instance).not.toBe(first?.instance);
    expect(second).toMatchObject({ severity: 1, resource: { cloud: 'azure', type: 'microsoft.keyvault/vaults' } });
  });
});

describe('the ids of an alert', () => {
  const fired = onlyAlert(alertmanager.parse(fixture('alertmanager/truncated'), RECEIVED_AT));
  const resolved = onlyAlert(alertmanager.parse(fixture('alertmanager/resolved'), RECEIVED_AT));

  test('share the instance, not the id, between firing and resolved', () => {
    expect(resolved).toMatchObject({ state: 'resolved', resolvedAt: '2026-01-05T08:17:26.739Z' });
    expect(resolved.instance).toBe(fired.instance);
    expect(resolved.id).not.toBe(fired.id);
  });

  test('stay when the group is sent again, and when another Alertmanager writes the time otherwise', () => {
    expect(withAlert({ annotations: {}, startsAt: '2026-01-05T08:01:26.739Z' })).toMatchObject({
      id: fired.id,
      instance: fired.instance,
    });
  });

  test('differ for another start, another fingerprint and another end', () => {
    expect(withAlert({ startsAt: '2026-01-05T09:01:26.739Z' }).instance).not.toBe(fired.instance);
    expect(withAlert({ fingerprint: 'ffffffffffffffff' }).instance).not.toBe(fired.instance);
    const later = withAlert({ status: 'resolved', endsAt: '2026-01-05T09:17:26.739Z' });
    expect([later.instance === resolved.instance, later.id === resolved.id]).toEqual([true, false]);
  });

  test('without a fingerprint come from the labels, whatever their order', () => {
    const [a, b, c] = [
      { alertname: 'A', pod: '1' },
      { pod: '1', alertname: 'A' },
      { alertname: 'A', pod: '2' },
    ].map((labels) => withAlert({ fingerprint: undefined, labels }).instance);
    expect(a).toBe(b);
    expect(a).not.toBe(c);
  });
});

describe('what Alertmanager leaves open', () => {
  test('alerts cut off by max_alerts are told on those that came', () => {
    const alert = onlyAlert(alertmanager.parse(fixture('alertmanager/truncated'), RECEIVED_AT));
    expect(alert.custom['headroom_truncated']).toBe('17 more alerts of this group were cut off by max_alerts');
  });

  test.each([
    ['disaster', 0],
    ['critical', 1],
    ['Page', 1],
    ['error', 2],
    ['warning', 2],
    ['info', 3],
    ['none', 4],
    ['sev0', 0],
    ['whatever', 3],
    ['__proto__', 3],
  ])('severity %s is %i', (severity, expected) => {
    expect(withLabels({ severity }).severity).toBe(expected);
  });

  test('no severity is 3, and headroom_severity overrides', () => {
    expect(withLabels({}).severity).toBe(3);
    expect(withLabels({ severity: 'info', headroom_severity: '1' }).severity).toBe(1);
  });

  test('a label counts before an annotation of the same name', () => {
    const alert = withAlert({ labels: { team: 'label' }, annotations: { team: 'annotation', extra: 'kept' } });
    expect(alert.custom).toMatchObject({ team: 'label', extra: 'kept' });
  });

  test('a canary is told by its label', () => {
    expect(withLabels({ headroom_canary: 'true' }).synthetic).toBe('canary');
  });

  test('an alert without cluster or name is about an unnamed rule', () => {
    expect(withAlert({ labels: {} }).resource.id).toBe('other:unknown:unnamed rule');
  });

  test('an alert without a link to its graph is measured by its rule', () => {
    expect(withAlert({ generatorURL: '/graph' }).signals[0]?.metric).toBe('VaultClientThrottled');
  });

  test('an end at the year one gives way to the time of receipt', () => {
    const alert = withAlert({ status: 'resolved', endsAt: '0001-01-01T00:00:00Z' });
    expect(alert).toMatchObject({ state: 'resolved', resolvedAt: RECEIVED_AT });
    expect(alert.custom['headroom_time']).toMatch(/^implausible endsAt/);
  });
});

describe('a webhook that is not whole', () => {
  const good = fixture('alertmanager/truncated');
  const alert = at(good, 'alerts', 0);

  test.each([
    ['another version', { version: '5' }, 'version'],
    ['no alerts', { alerts: [] }, 'alerts'],
    ['too many alerts', { alerts: Array.from({ length: BOUNDS.alerts + 1 }, () => alert) }, 'alerts'],
    ['an alert of another status', { alerts: [alert, { ...alert, status: 'pending' }] }, 'alerts[1].status'],
    ['a label that is no text', { alerts: [{ ...alert, labels: { pod: 7 } }] }, 'alerts[0].labels.pod'],
    ['an alert without labels', { alerts: [{ ...alert, labels: undefined }] }, 'alerts[0].labels'],
  ])('with %s is refused at its path', (_what, changes, path) => {
    expect(alertmanager.parse({ ...good, ...changes }, RECEIVED_AT)).toMatchObject({ ok: false, path });
  });

  test("of Grafana's own is refused with the next step", () => {
    expect(alertmanager.parse({ ...good, orgId: 1, version: '1' }, RECEIVED_AT)).toMatchObject({
      ok: false,
      error: expect.stringMatching(/Grafana webhook.*type Alertmanager/),
    });
  });
});
