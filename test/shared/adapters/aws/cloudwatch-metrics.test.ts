import { afterEach, describe, expect, test, vi } from 'vitest';
import { createCloudWatchMetrics } from '../../../../shared/adapters/aws/cloudwatch-metrics.ts';
import { compose } from '../../../../shared/evidence/languages/compose.ts';
import { metricSeries } from '../../../../shared/evidence/metric-series.ts';
import { seriesRow } from '../../../../shared/evidence/series-row.ts';
import type { Resource, Row, Signal } from '../../../../shared/model.ts';
import type { EvidenceReader, EvidenceRequest } from '../../../../shared/ports.ts';
import {
  type CloudWatchMetricsServer,
  startCloudWatchMetrics,
} from '../../../../simulation/servers/cloudwatch-metrics.ts';
import type { Fault } from '../../../../simulation/servers/faulty-server.ts';
import { evidenceReaderContract } from '../../../contract/evidence-reader.ts';
import { type FakeClock, fakeClock } from '../../../kit.ts';

vi.stubEnv('AWS_REGION', 'eu-west-1');
vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'a-secret-of-the-test');

const FUNCTION: Resource = {
  cloud: 'aws',
  id: 'arn:aws:lambda:eu-west-1:123456789012:function:example-fn',
  name: 'example-fn',
  type: 'AWS::Lambda::Function',
  scope: '123456789012',
  region: 'eu-west-1',
};
const FROM = '2026-11-20T13:00:00.000Z';
const TO = '2026-11-20T13:30:00.000Z';
const THROTTLES: Signal = {
  metric: 'Throttles',
  namespace: 'AWS/Lambda',
  aggregation: 'Sum',
  dimensions: { FunctionName: 'example-fn' },
};

function requestOf(signals: readonly Signal[] = [THROTTLES], resource = FUNCTION): EvidenceRequest {
  const query = compose('cloudwatch-metrics', [metricSeries], { resource, from: FROM, to: TO, signals });
  return { resource, from: FROM, to: TO, window: 'incident', query };
}

type Setting = { server: CloudWatchMetricsServer; clock: FakeClock; reader: EvidenceReader };
const open: Setting[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map(({ server }) => server.close()));
});

async function start(now: string): Promise<Setting> {
  const clock = fakeClock(now);
  const server = await startCloudWatchMetrics({ now: () => clock.now() });
  const limits = { tryMs: 1_500, budgetMs: 5_000 };
  return { server, clock, reader: createCloudWatchMetrics({ endpoint: server.origin, clock, limits }) };
}

async function setting(now = TO): Promise<Setting> {
  const one = await start(now);
  open.push(one);
  return one;
}

function throttled(minute: number, value: number, metric = 'Throttles') {
  const atMs = Date.parse(FROM) + minute * 60_000 + 10_000;
  return { namespace: 'AWS/Lambda', metric, dimensions: { FunctionName: 'example-fn' }, atMs, value };
}

const REFUSED: Fault = {
  status: 400,
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  body: '{"__type":"AccessDenied","message":"User: arn:aws:sts::123456789012:assumed-role/x is not authorized"}',
};

evidenceReaderContract(
  'CloudWatch metrics',
  {
    role: /cloudwatch:GetMetricData/,
    denial: REFUSED,
    throttled: {
      fault: {
        status: 400,
        headers: { 'content-type': 'application/x-amz-json-1.0' },
        body: '{"__type":"ThrottlingException","message":"Rate exceeded"}',
      },
    },
    triesWhenDead: 3,
  },
  async () => {
    const { server, reader } = await start(TO);
    server.samples.push(throttled(1, 4));
    return {
      reader,
      request: requestOf(),
      others: [
        { ...FUNCTION, cloud: 'azure' },
        { ...FUNCTION, region: 'eu-west-1.evil.example' },
      ],
      fail: (fault) => {
        server.weather.next = () => fault;
      },
      asked: () => server.received.length,
      secrets: ['a-secret-of-the-test', 'AKIDEXAMPLE', 'assumed-role'],
      close: () => server.close(),
    };
  },
);

async function rowsAt({ reader }: Setting, request = requestOf()): Promise<Row[]> {
  const [reading] = await reader.read(request);
  if (reading?.state !== 'read') throw new Error(`not read: ${JSON.stringify(reading)}`);
  for (const row of reading.rows) seriesRow.parse(row);
  return reading.rows;
}

describe('what an alarm measures', () => {
  test('is told by the minute, as far as it can be known', async () => {
    const one = await setting('2026-11-20T13:07:00.000Z');
    one.server.samples.push(throttled(0, 4), throttled(1, 2), throttled(1, 5), throttled(6, 1));
    const late = { ...throttled(3, 9), arrivesAtMs: Date.parse('2026-11-20T13:08:00.000Z') };
    one.server.samples.push(late);
    expect(await rowsAt(one)).toEqual([
      {
        resource: FUNCTION.id,
        metric: 'Throttles',
        split: null,
        fromMinute: Date.parse(FROM) / 60_000,
        perMinute: [4, 7, 0, 0, 0, 0, 1],
        given: [1, 1, 0, 0, 0, 0, 1],
      },
    ]);
    one.clock.advance(60_000);
    expect((await rowsAt(one))[0]?.['perMinute']).toEqual([4, 7, 0, 9, 0, 0, 1]);
  });

  test('comes over several pages, one metric on more than one, in any order', async () => {
    const one = await setting();
    one.server.pageValues = 7;
    for (let minute = 0; minute < 10; minute += 1)
      one.server.samples.push(throttled(minute, minute + 1), throttled(minute, 100, 'Invocations'));
    const rows = await rowsAt(one, requestOf([THROTTLES, { ...THROTTLES, metric: 'Invocations' }]));
    expect(rows.map(({ metric }) => metric)).toEqual(['Throttles', 'Invocations']);
    expect(rows[0]?.['perMinute']).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, ...Array(15).fill(0)]);
    expect(one.server.received).toHaveLength(3);
  });

  test('that has more pages than are read is told to be cut', async () => {
    const one = await setting();
    one.server.pageValues = 1;
    for (let minute = 0; minute < 9; minute += 1) one.server.samples.push(throttled(minute, 1));
    expect(await one.reader.read(requestOf())).toMatchObject([{ state: 'read', truncated: true }]);
    expect(one.server.received).toHaveLength(5);
  });

  test('is asked for with its names and values apart, in the region of its resource', async () => {
    const one = await setting();
    const odd = `a"b'c\\d\n{}, ${'ü'}`;
    await rowsAt(
      one,
      requestOf([{ ...THROTTLES, dimensions: { FunctionName: odd } }], { ...FUNCTION, region: 'us-east-2' }),
    );
    const [asked] = one.server.received;
    expect(JSON.parse(asked?.body ?? '').MetricDataQueries).toEqual([
      {
        Id: 'm0',
        MetricStat: {
          Metric: {
            Namespace: 'AWS/Lambda',
            MetricName: 'Throttles',
            Dimensions: [{ Name: 'FunctionName', Value: odd }],
          },
          Period: 60,
          Stat: 'Sum',
        },
      },
    ]);
    expect(asked?.headers.authorization).toContain('/us-east-2/monitoring/');
  });

  test.each<[string, Partial<Signal>]>([
    ['computed from others', { aggregation: 'm1 / m2 * 100' }],
    ['of a child of a composite alarm', { namespace: 'AWS/CloudWatch alarm' }],
  ])('that is %s is not asked for', (_what, given) => {
    expect(requestOf([{ ...THROTTLES, ...given }]).query.statements).toEqual([]);
  });

  test('is not asked of what does not lie in AWS', () => {
    expect(requestOf([THROTTLES], { ...FUNCTION, cloud: 'azure' }).query.statements).toEqual([]);
  });
});

describe('a service in trouble', () => {
  test.each<[string, Fault[]]>([
    ['cuts a connection', [{ cut: 'before' }]],
    ['fails for a moment', [{ status: 500 }, { status: 503 }]],
    ['never answers the first time', [{ hang: 'after' }]],
  ])('that %s is asked again', async (_what, faults) => {
    const one = await setting();
    one.server.samples.push(throttled(0, 3));
    one.server.faults.push(...faults);
    expect((await rowsAt(one))[0]?.['perMinute']).toEqual([3, ...Array(24).fill(0)]);
  });

  test.each([
    ['Forbidden', 'denied'],
    ['InternalError', 'unreachable'],
  ] as const)('that gives a metric as %s has not been read', async (status, why) => {
    const one = await setting();
    one.server.statuses.set('Throttles', status);
    expect(await one.reader.read(requestOf())).toMatchObject([{ state: 'unavailable', why }]);
  });

  test('that fails at one of two gives the other, and is told to be cut', async () => {
    const one = await setting();
    one.server.statuses.set('Invocations', 'InternalError');
    one.server.samples.push(throttled(0, 3));
    const [reading] = await one.reader.read(requestOf([THROTTLES, { ...THROTTLES, metric: 'Invocations' }]));
    expect(reading).toMatchObject({ state: 'read', truncated: true });
  });
});
