/** Metrics and log groups on Moto: what was put there is read, and what may not be read says what is missing. */
import { randomUUID } from 'node:crypto';
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { describe, expect, test } from 'vitest';
import { createCloudWatchMetrics } from '../../../shared/adapters/aws/cloudwatch-metrics.ts';
import { createLogsInsights } from '../../../shared/adapters/aws/logs-insights.ts';
import { systemClock } from '../../../shared/adapters/system/clock.ts';
import { compose } from '../../../shared/evidence/languages/compose.ts';
import { metricSeries } from '../../../shared/evidence/metric-series.ts';
import type { Resource, Signal } from '../../../shared/model.ts';
import type { EvidenceRequest } from '../../../shared/ports.ts';
import { originOf, PATIENT } from './account.ts';

const MINUTE_MS = 60_000;
/** Ten minutes ago, whole: all of it has settled. */
const FROM_MS = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - 20 * MINUTE_MS;
const SPAN = { from: new Date(FROM_MS).toISOString(), to: new Date(FROM_MS + 10 * MINUTE_MS).toISOString() };

function functionNamed(name: string): Resource {
  const id = `arn:aws:lambda:eu-west-1:123456789012:function:${name}`;
  return { cloud: 'aws', id, name, type: 'AWS::Lambda::Function', scope: '123456789012', region: 'eu-west-1' };
}

describe('CloudWatch metrics on Moto', () => {
  const resource = functionNamed(`fn-${randomUUID()}`);
  const signal: Signal = {
    metric: 'Throttles',
    namespace: 'Headroom/Test',
    aggregation: 'Sum',
    dimensions: { FunctionName: resource.name },
  };
  const query = compose('cloudwatch-metrics', [metricSeries], { resource, ...SPAN, signals: [signal] });
  const request: EvidenceRequest = { resource, ...SPAN, window: 'incident', query };

  test('what was put is read by the minute', async () => {
    const endpoint = originOf('moto');
    const client = new CloudWatchClient({ endpoint });
    const put = (minute: number, Value: number) => ({
      MetricName: signal.metric,
      Dimensions: [{ Name: 'FunctionName', Value: resource.name }],
      Timestamp: new Date(FROM_MS + minute * MINUTE_MS + 10_000),
      Value,
    });
    const MetricData = [put(0, 3), put(2, 4), put(2, 5)];
    await client.send(new PutMetricDataCommand({ Namespace: 'Headroom/Test', MetricData }));
    client.destroy();
    const reader = createCloudWatchMetrics({ endpoint, clock: systemClock, limits: PATIENT });
    expect(await reader.read(request)).toMatchObject([
      { state: 'read', rows: [{ metric: 'Throttles', perMinute: [3, 0, 9, 0, 0, 0, 0, 0, 0, 0] }] },
    ]);
  });

  test('a role that may not read them is told the action that it needs', async () => {
    const reader = createCloudWatchMetrics({ endpoint: originOf('denying'), clock: systemClock, limits: PATIENT });
    expect(await reader.read(request)).toMatchObject([
      { state: 'unavailable', why: 'denied', nextStep: expect.stringContaining('cloudwatch:GetMetricData') },
    ]);
  });
});

describe('CloudWatch Logs Insights on Moto', () => {
  const resource = functionNamed(`fn-${randomUUID()}`);
  const group = `/aws/lambda/${resource.name}`;
  // Moto knows no more of the language than this.
  const text = 'fields @timestamp, @message | sort @timestamp asc | limit 20';
  const query = { setup: [], statements: [{ kind: 'lines', text }], parameters: {} };
  const request: EvidenceRequest = { resource, ...SPAN, window: 'incident', query };

  test('a query is started, looked at, and its rows are read', async () => {
    const endpoint = originOf('moto');
    const client = new CloudWatchLogsClient({ endpoint });
    await client.send(new CreateLogGroupCommand({ logGroupName: group }));
    await client.send(new CreateLogStreamCommand({ logGroupName: group, logStreamName: 'one' }));
    const logEvents = [
      { timestamp: FROM_MS + 1_000, message: 'ThrottlingException: Rate exceeded' },
      { timestamp: FROM_MS + 61_000, message: 'ok' },
    ];
    await client.send(new PutLogEventsCommand({ logGroupName: group, logStreamName: 'one', logEvents }));
    client.destroy();
    const resources = { [resource.id]: { logGroups: [group] } };
    const reader = createLogsInsights({ resources, endpoint, clock: systemClock, limits: PATIENT });
    const [reading] = await reader.read(request);
    expect(reading).toMatchObject({
      state: 'read',
      rows: [{ '@message': logEvents[0]?.message }, { '@message': 'ok' }],
    });
  });

  test.each([
    ['was never made', 'moto' as const, 'not-configured'],
    ['may not be read', 'denying' as const, 'denied'],
  ])('a log group that %s is told so', async (_what, emulator, why) => {
    const resources = { [resource.id]: { logGroups: ['/never/made'] } };
    const reader = createLogsInsights({ resources, endpoint: originOf(emulator), clock: systemClock, limits: PATIENT });
    expect(await reader.read(request)).toMatchObject([{ state: 'unavailable', why }]);
  });
});
