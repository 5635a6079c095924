import { type Answered, type FaultyServer, type Received, startFaultyServer } from './faulty-server.ts';

/** Something that a metric measured, and when CloudWatch hears of it. */
type MetricSample = {
  namespace: string;
  metric: string;
  dimensions?: Readonly<Record<string, string>>;
  atMs: number;
  /** 1 unless told otherwise. */
  value?: number;
  /** Epoch ms; as it happens unless told otherwise. */
  arrivesAtMs?: number;
};

export type CloudWatchMetricsServer = Pick<FaultyServer, 'origin' | 'received' | 'faults' | 'weather' | 'close'> & {
  samples: MetricSample[];
  /** Metrics that answer with a status of their own while the others are given. */
  statuses: Map<string, 'Forbidden' | 'InternalError' | 'PartialData'>;
  /** Values of one page, over all metrics; the service's is 100,800. */
  pageValues: number;
};

type Kept = Pick<CloudWatchMetricsServer, 'samples' | 'statuses' | 'pageValues'>;
type Fields = Record<string, unknown>;

/**
 * GetMetricData of CloudWatch in AWS JSON 1.0; signatures are not checked. Pages are cut by values, so that one metric may
 * come on several.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
 */
export async function startCloudWatchMetrics(options: { now: () => number }): Promise<CloudWatchMetricsServer> {
  const kept: Kept = { samples: [], statuses: new Map(), pageValues: 100_800 };
  const { origin, received, faults, weather, close } = await startFaultyServer((request) =>
    answer(request, state, options.now()),
  );
  const state = Object.assign(kept, { origin, received, faults, weather, close });
  return state;
}

function answer({ headers, body }: Received, kept: Kept, nowMs: number): Answered {
  const [, operation = ''] = String(headers['x-amz-target'] ?? '').split('.');
  if (operation !== 'GetMetricData') return refusal('InvalidAction');
  const input = fieldsOf(JSON.parse(body));
  const [from, to] = [Number(input['StartTime']), Number(input['EndTime'])];
  const queries = listOf(input['MetricDataQueries']).map(fieldsOf);
  if (!(from < to) || queries.length === 0 || queries.length > 500) return refusal('InvalidParameterValue');
  const results = queries.map((query) => {
    const stat = fieldsOf(query['MetricStat']);
    const metric = fieldsOf(stat['Metric']);
    const points = pointsOf({ metric, stat, fromMs: from * 1_000, toMs: to * 1_000, nowMs }, kept);
    return { id: String(query['Id']), name: String(metric['MetricName']), points };
  });
  return page(
    results,
    { skip: Number(input['NextToken'] ?? 0), latestFirst: input['ScanBy'] !== 'TimestampAscending' },
    kept,
  );
}

type Asked = { metric: Fields; stat: Fields; fromMs: number; toMs: number; nowMs: number };
type Point = { at: number; value: number };

function pointsOf({ metric, stat, fromMs, toMs, nowMs }: Asked, { samples }: Kept): Point[] {
  const periodMs = Number(stat['Period']) * 1_000;
  const wanted = JSON.stringify(
    listOf(metric['Dimensions'])
      .map(fieldsOf)
      .map(({ Name, Value }) => [Name, Value])
      .sort(),
  );
  const byPeriod = new Map<number, number[]>();
  for (const sample of samples) {
    const { namespace, metric: name, dimensions = {}, atMs, value = 1, arrivesAtMs = atMs } = sample;
    if (namespace !== metric['Namespace'] || name !== metric['MetricName'] || arrivesAtMs > nowMs) continue;
    if (atMs < fromMs || atMs >= toMs || JSON.stringify(Object.entries(dimensions).sort()) !== wanted) continue;
    const at = Math.floor(atMs / periodMs) * periodMs;
    byPeriod.set(at, [...(byPeriod.get(at) ?? []), value]);
  }
  return [...byPeriod].map(([at, values]) => ({ at: at / 1_000, value: folded(values, String(stat['Stat'])) }));
}

function folded(values: readonly number[], stat: string): number {
  const sum = values.reduce((all, value) => all + value, 0);
  if (stat === 'Maximum') return Math.max(...values);
  if (stat === 'Minimum') return Math.min(...values);
  if (stat === 'SampleCount') return values.length;
  return stat === 'Average' ? sum / values.length : sum;
}

function page(
  results: readonly { id: string; name: string; points: Point[] }[],
  { skip, latestFirst }: { skip: number; latestFirst: boolean },
  { statuses, pageValues }: Kept,
): Answered {
  const all = results.flatMap(({ id, points }) =>
    points.toSorted((a, b) => (latestFirst ? b.at - a.at : a.at - b.at)).map((point) => ({ id, ...point })),
  );
  const end = skip + pageValues;
  const shown = all.slice(skip, end);
  return json(200, {
    MetricDataResults: results.map(({ id, name }) => {
      const status = statuses.get(name);
      const own = status === undefined || status === 'PartialData' ? shown.filter((point) => point.id === id) : [];
      const isMore = all.slice(end).some((point) => point.id === id);
      return {
        Id: id,
        Label: name,
        Timestamps: own.map(({ at }) => at),
        Values: own.map(({ value }) => value),
        StatusCode: status ?? (isMore ? 'PartialData' : 'Complete'),
      };
    }),
    ...(end < all.length ? { NextToken: String(end) } : {}),
  });
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function refusal(code: string): Answered {
  return json(400, { __type: code, message: 'this is a simulation' });
}

function json(status: number, body: unknown): Answered {
  return { status, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: JSON.stringify(body) };
}
