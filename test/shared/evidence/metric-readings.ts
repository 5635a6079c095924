import type { Evidence, Reading, Resource, Row, Window } from '../../../shared/model.ts';

export const METRIC_FROM = '2026-11-20T14:00:00.000Z';
export const METRIC_VAULT: Resource = {
  cloud: 'azure',
  id: '/subscriptions/11111111-1111-1111-1111-111111111111/resourcegroups/rg-shop/providers/microsoft.keyvault/vaults/kv-shop',
  name: 'kv-shop',
  type: 'microsoft.keyvault/vaults',
  scope: '11111111-1111-1111-1111-111111111111',
};

/** A series as a store of metrics gives it; null: it says nothing of that minute. */
export function seriesOf(metric: string, split: string | null, values: readonly (number | null)[]): Row {
  return {
    resource: METRIC_VAULT.id,
    metric,
    split,
    fromMinute: Date.parse(METRIC_FROM) / 60_000,
    perMinute: values.map((value) => value ?? 0),
    given: values.map((value) => (value === null ? 0 : 1)),
  };
}

/** What a vault answered by its metrics, minute by minute. */
export function statusSeries(byStatus: Readonly<Record<string, readonly (number | null)[]>>): Row[] {
  return Object.entries(byStatus).map(([status, values]) => seriesOf('ServiceApiResult', status, values));
}

export function readingOf(kind: string, rows: Row[], window: Window = 'incident'): Reading {
  return {
    kind,
    store: 'azure-metrics',
    window,
    readAt: '2026-11-20T14:10:00.000Z',
    state: 'read',
    rows,
    truncated: false,
    completeness: null,
  };
}

export function metricEvidence(...readings: Reading[]): Evidence {
  return { resource: METRIC_VAULT, from: METRIC_FROM, to: '2026-11-20T14:10:00.000Z', readings };
}
