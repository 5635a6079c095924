import { expect, test } from 'vitest';
import { describeSignal, leadingSignal } from '../../../shared/chat/signals.ts';
import type { Signal } from '../../../shared/model.ts';
import { hitsSignal, incident, refusedSignal } from './incidents.ts';

test.each<[Partial<Signal> & { metric: string }, string]>([
  [
    {
      metric: 'ServiceApiResult',
      dimensions: { StatusCode: '429' },
      value: 412,
      windowSeconds: 300,
      operator: 'GreaterThan',
      threshold: 0,
    },
    '412 requests refused with 429 in 5 min (the alert fires above 0)',
  ],
  [{ metric: 'ServiceApiResult', dimensions: { StatusCode: '200' }, value: 3 }, '3 results'],
  [{ metric: 'ServiceApiHit', value: 9120, windowSeconds: 60 }, '9,120 requests in 1 min'],
  [
    { metric: 'SaturationShoebox', value: 82.4, operator: 'GreaterOrLessThan', threshold: 75 },
    '82.4 % of the capacity used (the alert fires above 75 %)',
  ],
  [
    { metric: 'Throttles', value: 1, operator: 'GreaterThanOrEqualToThreshold', threshold: 1 },
    '1 throttled calls (the alert fires at least 1)',
  ],
  [
    { metric: 'Availability', value: 93, operator: 'LessThan', threshold: 99 },
    '93 % available (the alert fires below 99 %)',
  ],
  [
    { metric: 'ServiceApiLatency', value: 1200, operator: '<=', threshold: 5 },
    '1,200 ms latency (the alert fires at most 5)',
  ],
  [{ metric: 'MyOwnMetric', windowSeconds: 90 }, 'MyOwnMetric in 90 s'],
  [{ metric: 'MyOwnMetric', threshold: 5 }, 'MyOwnMetric (the alert fires at 5)'],
  [{ metric: 'toString', value: 1 }, '1 toString'],
  [
    { metric: 'AzureDiagnostics | where httpStatusCode_d == 429', value: 7, windowSeconds: 900 },
    "7 from the alert's query in 15 min",
  ],
])('says %j as: %s', (signal, expected) => {
  expect(describeSignal({ dimensions: {}, ...signal })).toBe(expected);
});

test('leads with refusals, then with what still fires, whatever came first', () => {
  const hits = hitsSignal();
  const refused = refusedSignal();
  expect(leadingSignal(incident({ signals: [hits, refused] }))?.state).toBe(refused);
  expect(leadingSignal(incident({ signals: [hits, { ...refused, state: 'resolved' }] }))?.state).toBe(hits);
  expect(leadingSignal(incident({ signals: [] }))).toBeUndefined();
});
