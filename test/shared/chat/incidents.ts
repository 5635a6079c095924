import type { Caller, Chart, Finding, Incident, SignalState } from '../../../shared/model.ts';

/** What incidents are built of by hand; whole ones stand in `cases.ts`. */

export const VAULT: Incident['resource'] = {
  cloud: 'azure',
  id: '/subscriptions/0f5d8a1c-2b3e-4c5d-8e9f-a0b1c2d3e4f5/resourcegroups/rg-orders/providers/microsoft.keyvault/vaults/kv-orders-prod',
  name: 'kv-orders-prod',
  type: 'microsoft.keyvault/vaults',
  scope: '0f5d8a1c-2b3e-4c5d-8e9f-a0b1c2d3e4f5',
  region: 'westeurope',
};

export function application(displayName: string, more: Partial<Caller> = {}): Caller {
  return {
    id: `app:${displayName}`,
    kind: 'application',
    appId: '3f2a9c1e-7b64-4d0a-9e1b-5c8d7e6f5a4b',
    displayName,
    addresses: 12,
    ...more,
  };
}

export function refusedSignal(more: Partial<SignalState> = {}): SignalState {
  return {
    instance: 'alert-1',
    rule: 'Key Vault requests refused',
    source: 'azure',
    category: 'metric',
    severity: 3,
    state: 'fired',
    firedAt: '2026-11-20T14:03:00.000Z',
    description: 'More than 0 requests were refused in 5 minutes.',
    signals: [
      {
        metric: 'ServiceApiResult',
        namespace: 'Microsoft.KeyVault/vaults',
        operator: 'GreaterThan',
        threshold: 0,
        value: 412,
        aggregation: 'Total',
        windowSeconds: 300,
        dimensions: { StatusCode: '429' },
      },
    ],
    links: [
      { label: 'Alert in the portal', url: 'https://portal.azure.com/#view/Microsoft_Azure_Monitoring/AlertDetails' },
    ],
    custom: { team: 'orders', runbook: 'https://wiki.example.com/runbooks/key-vault' },
    ...more,
  };
}

export function hitsSignal(): SignalState {
  return refusedSignal({
    instance: 'alert-2',
    rule: 'Key Vault hits',
    firedAt: '2026-11-20T14:04:00.000Z',
    description: '',
    links: [],
    custom: {},
    signals: [
      {
        metric: 'ServiceApiHit',
        operator: 'GreaterThan',
        threshold: 1500,
        value: 9120,
        windowSeconds: 60,
        dimensions: {},
      },
    ],
  });
}

/** Ten minutes in 10 s steps: calm, then a burst that is mostly refused. */
export function burstChart(): Chart {
  const steps = Array.from({ length: 60 }, (_, index) => index);
  const total = steps.map((index) =>
    index < 20 ? 600 + ((index * 37) % 90) : index < 45 ? 5200 + ((index * 131) % 900) : 900,
  );
  const served = total.map((value) => Math.min(value, 3950));
  return {
    title: 'Requests to kv-orders-prod',
    unit: 'requests per 10 s',
    from: '2026-11-20T14:00:00.000Z',
    to: '2026-11-20T14:10:00.000Z',
    stepSeconds: 10,
    series: [
      { name: 'served', role: 'served', values: served },
      { name: 'refused', role: 'refused', values: total.map((value, index) => value - (served[index] ?? 0)) },
    ],
    limit: { label: 'published limit', value: 4000 },
    markers: [{ at: '2026-11-20T14:03:20.000Z', label: 'burst begins' }],
  };
}

export function incident(more: Partial<Incident> = {}): Incident {
  return {
    v: 1,
    id: 'inc-20261120-7f3a',
    revision: 1,
    fingerprint: 'f1',
    family: 'throttle',
    resource: VAULT,
    openedAt: '2026-11-20T14:03:00.000Z',
    severity: 3,
    verified: true,
    signals: [refusedSignal()],
    lifecycle: { state: 'open' },
    flaps: 0,
    findings: [],
    notes: [],
    effects: [],
    ...more,
  };
}

export const IMPACT: NonNullable<Incident['impact']> = {
  callersRefused: 5,
  requestsFailed: 1240,
  minutesOver: 4,
  pattern: 'persistent',
  dependents: [application('checkout-api'), application('invoice-worker')],
  errorBudgetBurn: null,
};

export function finding(more: Partial<Finding> = {}): Finding {
  return {
    kind: 'retry-storm',
    verdict: 'confirmed',
    role: 'amplifier',
    confidence: 0.93,
    explains: 0.92,
    onset: '2026-11-20T14:02:40.000Z',
    caller: application('orders-api', { owner: 'team orders', client: 'azsdk-python-keyvault-secrets/4.7.0' }),
    victims: [application('checkout-api'), application('invoice-worker'), application('mail-sender')],
    facts: [
      { label: 'Attempts per success', value: 6.2, from: { kind: 'retries', column: 'attempts', window: 'incident' } },
      {
        label: 'Attempts per success',
        value: 1.02,
        from: { kind: 'retries', column: 'attempts', window: 'day-before' },
      },
      {
        label: 'Share of retries among requests',
        value: 78,
        unit: '%',
        from: { kind: 'load', column: 'retry', window: 'incident' },
      },
      {
        label: 'Most read secret',
        value: 'secrets/orders-db-password',
        from: { kind: 'targets', column: 'target', window: 'incident' },
      },
    ],
    summary: 'Refused requests are retried at once and keep the overload alive.',
    fixes: [
      {
        id: 'backoff',
        title: 'Wait 1, 2, 4, 8, 16 s with full jitter between retries',
        invasiveness: 2,
        snippet: {
          language: 'python',
          text: 'client = SecretClient(\n    vault_url, credential,\n    retry_policy=RetryPolicy(retry_backoff_factor=1.0, retry_backoff_max=16))',
        },
        predicted: {
          throttledBefore: 1240,
          throttledAfter: 35,
          peakUtilisationBefore: 1.52,
          peakUtilisationAfter: 0.61,
        },
      },
      {
        id: 'cache',
        title: 'Cache secrets for an hour in orders-api',
        invasiveness: 3,
        predicted: {
          throttledBefore: 1240,
          throttledAfter: 0,
          peakUtilisationBefore: 1.52,
          peakUtilisationAfter: 0.08,
        },
      },
    ],
    ...more,
  };
}
