import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compose } from '../../../../shared/evidence/languages/compose.ts';
import { metricSeries } from '../../../../shared/evidence/metric-series.ts';
import { results } from '../../../../shared/evidence/results.ts';
import type { Resource, Signal } from '../../../../shared/model.ts';
import { EVIDENCE_KINDS } from '../../../../shared/registry.ts';

const VAULT: Resource = {
  cloud: 'azure',
  id: '/subscriptions/11111111-1111-1111-1111-111111111111/resourcegroups/rg/providers/microsoft.keyvault/vaults/kv',
  name: 'kv',
  type: 'Microsoft.KeyVault/vaults',
  scope: '11111111-1111-1111-1111-111111111111',
};
const REQUEST = { resource: VAULT, from: '2026-11-20T13:00:00.000Z', to: '2026-11-20T14:00:00.000Z' };
const SIGNAL: Signal = {
  metric: 'ServiceApiResult',
  namespace: 'Microsoft.KeyVault/vaults',
  aggregation: 'Total',
  dimensions: { StatusCode: '429' },
};

type Text = { metrics: { name: string; aggregation: string; filter?: string }[]; [name: string]: unknown };

function textsOf(signals: readonly Signal[]): Text[] {
  const { statements } = compose('azure-metrics', [metricSeries], { ...REQUEST, signals });
  return statements.map(({ text }) => JSON.parse(text));
}

/** The service's own grammar: names that are no quotes, values in which a quote stands twice. */
function conditionsIn(filter: string): [string, string][] {
  const part = /([A-Za-z][\w.-]*) eq '((?:[^']|'')*)'( and |$)/y;
  const found: [string, string][] = [];
  while (part.lastIndex < filter.length) {
    const match = part.exec(filter);
    if (!match) throw new Error(`no filter: ${filter}`);
    found.push([match[1] ?? '', (match[2] ?? '').replaceAll("''", "'")]);
  }
  return found;
}

describe('metrics of Azure Monitor', () => {
  test('are asked for of the window and of the settled ones before it, all with their own times', () => {
    const { statements, ...rest } = compose('azure-metrics', [results], REQUEST);
    expect(rest).toEqual({ setup: [], parameters: {} });
    expect(statements.map(({ window, text }) => [window, JSON.parse(text).from, JSON.parse(text).to])).toEqual([
      ['incident', '2026-11-20T13:00:00.000Z', '2026-11-20T14:00:00.000Z'],
      ['day-before', '2026-11-19T13:00:00.000Z', '2026-11-19T14:00:00.000Z'],
      ['week-before', '2026-11-13T13:00:00.000Z', '2026-11-13T14:00:00.000Z'],
    ]);
  });

  test('of a vault are not asked of anything else', () => {
    const resource = { ...VAULT, type: 'microsoft.web/sites' };
    expect(compose('azure-metrics', [results], { ...REQUEST, resource }).statements).toEqual([]);
    const odd = { ...VAULT, type: "microsoft.keyvault/vaults' or '1" };
    expect(compose('azure-metrics', EVIDENCE_KINDS, { ...REQUEST, resource: odd }).statements).toEqual([]);
  });

  test('of an alert are asked for as its rule selects them', () => {
    expect(textsOf([SIGNAL])).toEqual([
      {
        of: 'resource',
        metrics: [{ name: 'ServiceApiResult', aggregation: 'total', filter: "StatusCode eq '429'" }],
        namespace: 'microsoft.keyvault/vaults',
        from: REQUEST.from,
        to: REQUEST.to,
      },
    ]);
  });

  test.each<[string, Partial<Signal>]>([
    ['of another namespace', { namespace: 'Microsoft.Web/sites' }],
    ['that is a query', { metric: 'AzureDiagnostics | where httpStatusCode_d == 429' }],
    ['that names two', { metric: 'ServiceApiHit,ServiceApiResult' }],
    ['without aggregation', { aggregation: 'Rate' }],
    ['with a dimension that is none', { dimensions: { "StatusCode eq '200' or x": '429' } }],
  ])('of an alert %s are left alone', (_what, given) => {
    expect(textsOf([{ ...SIGNAL, ...given }])).toEqual([]);
  });

  test('of an alert with more conditions than a rule can have are the first five', () => {
    expect(textsOf(Array.from({ length: 9 }, () => SIGNAL))[0]?.metrics).toHaveLength(5);
  });

  test('take every value of a dimension as a value, whatever stands in it', () => {
    const nasty = fc.constantFrom("'; drop", '*/', "' or StatusCode eq '*", '\n', '"', '\\', "''", '`;--', 'ü𝄞\u2028');
    fc.assert(
      fc.property(fc.array(fc.oneof(nasty, fc.string({ unit: 'binary' })), { minLength: 1 }), (parts) => {
        const value = parts.join('');
        const [text] = textsOf([{ ...SIGNAL, dimensions: { StatusCode: value, ActivityName: 'secretget' } }]);
        expect(conditionsIn(text?.metrics[0]?.filter ?? '')).toEqual([
          ['StatusCode', value],
          ['ActivityName', 'secretget'],
        ]);
      }),
      { numRuns: 200 },
    );
  });

  test('name a metric only as metrics are named', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (metric) => {
        for (const { metrics } of textsOf([{ ...SIGNAL, metric }])) expect(metrics[0]?.name).not.toMatch(/[,&?'"\\\n]/);
      }),
    );
  });
});
