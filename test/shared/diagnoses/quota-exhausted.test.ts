import { describe, expect, test } from 'vitest';
import { quotaExhausted } from '../../../shared/diagnoses/quota-exhausted.ts';
import { quota } from '../../../shared/evidence/quota.ts';
import { storeRequests } from '../../../shared/evidence/store-requests.ts';
import { proposeFixes } from '../../../shared/fixes/propose.ts';
import type { Evidence, Resource, Row } from '../../../shared/model.ts';
import { answer } from '../../../shared/pipeline/answer.ts';
import { FIXES } from '../../../shared/registry.ts';
import { published } from '../evidence/kit.ts';
import { METRIC_FROM, METRIC_VAULT, readingOf, seriesOf } from '../evidence/metric-readings.ts';
import { diagnoseBy, expectFactsToHold } from './kit.ts';

const OBJECT = '9a1b77aa-1111-2222-3333-444444444444';
const STORE: Resource = {
  ...METRIC_VAULT,
  id: METRIC_VAULT.id.replace(/providers.*/, 'providers/microsoft.appconfiguration/configurationstores/shop-config'),
  name: 'shop-config',
  type: 'Microsoft.AppConfiguration/configurationStores',
};

/** Ten minutes of a store: so much of the quota used, so many requests refused a minute from the fifth on. */
function metrics(percent: number | null, refused: number): Row[] {
  const minutes = (each: (minute: number) => number) => Array.from({ length: 10 }, (_, minute) => each(minute));
  return [
    seriesOf(
      'HttpIncomingRequestCount',
      '200',
      minutes((minute) => (minute < 5 ? 900 : 0)),
    ),
    seriesOf(
      'HttpIncomingRequestCount',
      '429',
      minutes((minute) => (minute < 5 ? 0 : refused)),
    ),
    ...(percent === null
      ? []
      : [
          seriesOf(
            'RequestQuotaUsage',
            null,
            minutes((minute) => Math.min(percent, 90 + 2 * minute)),
          ),
        ]),
  ];
}

function asked(given: Partial<Record<string, string | number>> = {}): Row {
  return {
    caller: OBJECT,
    client: 'azsdk-js-app-configuration/1.13.0 Node/24.11.0',
    requests: 8_000,
    served: 4_000,
    unchanged: 3_900,
    refused: 4_000,
    addresses: 500,
    firstMs: Date.parse(METRIC_FROM),
    lastMs: Date.parse(METRIC_FROM) + 540_000,
    ...given,
  };
}

function evidenceOf(used: Row[] | null, log: Row[] | null, resource = STORE): Evidence {
  return {
    resource,
    from: METRIC_FROM,
    to: '2026-11-20T14:10:00.000Z',
    readings: [
      ...(used === null ? [] : [readingOf(quota.kind, used)]),
      ...(log === null ? [] : [readingOf(storeRequests.kind, log)]),
    ],
  };
}

describe('a store whose quota is used up', () => {
  const evidence = evidenceOf(metrics(100, 900), [asked(), asked({ caller: 'key-1', requests: 200, addresses: 2 })]);

  test('is told with since when, who asks most, how often each instance does, and what a longer interval would leave', () => {
    const [cause, ...others] = diagnoseBy(quotaExhausted, evidence);
    expect(others).toEqual([]);
    expect(cause).toMatchObject({
      verdict: 'confirmed',
      role: 'trigger',
      explains: 1,
      onset: '2026-11-20T14:05:00.000Z',
      caller: { id: OBJECT, kind: 'application', objectId: OBJECT, addresses: 500 },
      victims: [{ id: 'key-1', kind: 'unknown', displayName: 'access key key-1' }],
    });
    expect(cause?.facts.map(({ label, value, unit }) => `${label}: ${value} ${unit ?? ''}`.trim())).toEqual([
      'Quota used, at most: 100 %',
      'Requests in this time: 9000',
      'Requests refused: 4500',
      'Quota of the standard tier: 30000 in 1 h',
      'Asked by this client: 8000',
      'Addresses that it asks from: 500',
      'Each asks: 96 times an hour',
      'All of them, once in 2 min each: 15000 requests an hour',
      'Answered that nothing has changed: 98 %',
    ]);
    expectFactsToHold(quotaExhausted, evidence);
  });

  test('comes with an interval for the client that asks, and a tier', () => {
    const [cause] = diagnoseBy(quotaExhausted, evidence);
    const rules = FIXES.filter(({ id }) => quotaExhausted.fixes.includes(id));
    const fixes = cause ? proposeFixes(cause, rules, { resource: STORE, whatIf: null }) : [];
    expect(fixes.map(({ id, title }) => `${id}: ${title}`)).toEqual([
      'configuration-refresh: Refresh every 2 min by a sentinel',
      'configuration-tier: A higher tier, or a replica',
    ]);
    expect(fixes[0]?.snippet).toMatchObject({ language: 'typescript', text: expect.stringContaining('120000') });
    expect(fixes[0]?.snippet?.text).toContain('https://shop-config.azconfig.io');
  });

  test('is the answer, with a chart of what was refused by the minute', () => {
    const { findings, chart, notes } = answer({ resource: STORE, evidence, limits: published() });
    expect(findings.map(({ kind, verdict }) => [kind, verdict])).toEqual([['quota-exhausted', 'confirmed']]);
    expect(chart).toMatchObject({ unit: 'requests per minute', series: [{ name: 'served' }, { name: 'refused' }] });
    expect(notes.map(({ text }) => text).join(' ')).toMatch(/counts 4,500 of 9,000 requests refused \(429\)/);
  });
});

describe('how sure it is', () => {
  test.each<[string, Evidence, string | undefined]>([
    ['of a meter at the end', evidenceOf(metrics(99.5, 900), null), 'confirmed'],
    ['of a meter near the end', evidenceOf(metrics(99.4, 900), null), 'likely'],
    ['without the meter', evidenceOf(metrics(null, 900), null), 'likely'],
    ['of a meter far from the end, which is another limit', evidenceOf(metrics(89, 900), null), undefined],
    ['of the log alone', evidenceOf(null, [asked()]), 'likely'],
    ['of too few refusals', evidenceOf(metrics(100, 3), null), undefined],
    ['of enough', evidenceOf(metrics(100, 4), null), 'confirmed'],
    ['of nothing', evidenceOf(null, null), undefined],
    ['of a vault', evidenceOf(metrics(100, 900), null, METRIC_VAULT), undefined],
  ])('%s', (_what, evidence, verdict) => {
    expect(diagnoseBy(quotaExhausted, evidence).map((cause) => cause.verdict)).toEqual(verdict ? [verdict] : []);
  });

  test('nobody is named who asks for less than half', () => {
    const [cause] = diagnoseBy(quotaExhausted, evidenceOf(metrics(100, 900), [asked({ requests: 4_499 })]));
    expect(cause?.caller).toBeUndefined();
    expect(cause?.victims).toHaveLength(1);
  });
});

test.each([
  ['azsdk-net-Data.AppConfiguration/1.4.1 (.NET 8.0.11)', 'csharp'],
  ['azsdk-java-azure-data-appconfiguration/1.7.0', 'yaml'],
  ['azsdk-python-appconfiguration/1.7.1 Python/3.12.7', 'python'],
  ['azsdk-go-azappconfig/v1.1.0 (go1.23.3; linux)', 'go'],
  ['curl/8.5.0', undefined],
])('what to paste for %s is %s, and holds nothing that the log calls itself', (client, language) => {
  const log = [asked({ client: `${client} \`$(x)"'`, addresses: 90_000 })];
  const [cause] = diagnoseBy(quotaExhausted, evidenceOf(metrics(100, 900), log));
  const rules = FIXES.filter(({ id }) => id === 'configuration-refresh');
  const resource = { ...STORE, name: 'x"; drop' };
  const [fix] = cause ? proposeFixes(cause, rules, { resource, whatIf: null }) : [];
  expect(fix?.title).toBe('Refresh every 1 h by a sentinel');
  expect(fix?.snippet?.language).toBe(language);
  if (fix?.snippet) expect(fix.snippet.text).toContain('https://<store>.azconfig.io');
  expect(fix?.snippet?.text ?? '').not.toMatch(/drop|\$\(x\)/);
});
