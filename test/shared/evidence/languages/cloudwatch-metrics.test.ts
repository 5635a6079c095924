import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compose } from '../../../../shared/evidence/languages/compose.ts';
import { metricSeries } from '../../../../shared/evidence/metric-series.ts';
import { results } from '../../../../shared/evidence/results.ts';
import type { Resource, Signal } from '../../../../shared/model.ts';

const QUEUE: Resource = {
  cloud: 'aws',
  id: 'arn:aws:sqs:eu-west-1:123456789012:jobs',
  name: 'jobs',
  type: 'AWS::SQS::Queue',
  scope: '123456789012',
};
const SIGNAL: Signal = {
  metric: 'Age',
  namespace: 'AWS/SQS',
  aggregation: 'Maximum',
  dimensions: { QueueName: 'jobs' },
};

function ask(signals: readonly Signal[]) {
  const request = { resource: QUEUE, from: '2026-11-20T13:00:00.000Z', to: '2026-11-20T14:00:00.000Z', signals };
  return compose('cloudwatch-metrics', [results, metricSeries], request);
}

test('an alarm is asked for what it measures, in the order in which it names it, five at most', () => {
  const { statements, ...rest } = ask(Array.from({ length: 7 }, (_, nth) => ({ ...SIGNAL, metric: `m${nth}` })));
  expect(rest).toEqual({ setup: [], parameters: {} });
  expect(statements.map(({ kind, window }) => [kind, window])).toEqual([['metric-series', 'incident']]);
  const { metrics, ...span } = JSON.parse(statements[0]?.text ?? '');
  expect(metrics.map(({ name }: { name: string }) => name)).toEqual(['m0', 'm1', 'm2', 'm3', 'm4']);
  expect(span).toEqual({ from: '2026-11-20T13:00:00.000Z', to: '2026-11-20T14:00:00.000Z' });
});

test.each([
  ['Sum', 1],
  ['SampleCount', 1],
  ['p99', 1],
  ['p99.9', 1],
  ['tm90', 1],
  ['p99; drop', 0],
  ['SELECT SUM(x)', 0],
  ['ANOMALY_DETECTION_BAND(m1)', 0],
])('a metric by %s is asked for %i times', (aggregation, times) => {
  expect(ask([{ ...SIGNAL, aggregation }]).statements).toHaveLength(times);
});

test('names and values come out as they went in, whatever stands in them', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 60 });
  fc.assert(
    fc.property(text, text, text, (metric, name, value) => {
      const [statement] = ask([{ ...SIGNAL, metric, dimensions: Object.fromEntries([[name, value]]) }]).statements;
      expect(JSON.parse(statement?.text ?? '').metrics).toEqual([
        { namespace: 'AWS/SQS', name: metric, statistic: 'Maximum', dimensions: [{ name, value }] },
      ]);
    }),
  );
});
