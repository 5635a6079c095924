import { type Answered, type FaultyServer, type Received, startFaultyServer } from './faulty-server.ts';

/** Something that a metric counts or measures, and when the metrics service hears of it. */
type Sample = {
  resourceId: string;
  metric: string;
  atMs: number;
  /** How many, or how much; 1 unless told otherwise. */
  value?: number;
  dimensions?: Readonly<Record<string, string>>;
  /** Epoch ms; as it happens unless told otherwise. */
  arrivesAtMs?: number;
};

export type AzureMetricsServer = Pick<FaultyServer, 'origin' | 'received' | 'faults' | 'weather' | 'close'> & {
  /** What Resource Manager lists: full ids. */
  resources: { id: string; type: string; location: string }[];
  samples: Sample[];
  /** Metrics that answer with an error of their own while the others are given. */
  broken: Set<string>;
  /** Minutes that nothing was heard of are given as 0, as some metrics do, instead of without a value. */
  nullAsZero: boolean;
};

type Kept = Pick<AzureMetricsServer, 'resources' | 'samples' | 'broken' | 'nullAsZero'>;

/** @see https://learn.microsoft.com/azure/azure-monitor/reference/metrics-index */
const DIMENSIONS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'microsoft.keyvault/vaults': {
    Availability: ['ActivityType', 'ActivityName', 'StatusCode', 'StatusCodeClass'],
    SaturationShoebox: ['ActivityType', 'ActivityName', 'TransactionType'],
    ServiceApiHit: ['ActivityType', 'ActivityName'],
    ServiceApiLatency: ['ActivityType', 'ActivityName', 'StatusCode', 'StatusCodeClass'],
    ServiceApiResult: ['ActivityType', 'ActivityName', 'StatusCode', 'StatusCodeClass'],
  },
  'microsoft.appconfiguration/configurationstores': {
    HttpIncomingRequestCount: ['StatusCode', 'Authentication', 'Endpoint'],
    ThrottledHttpRequestCount: ['Endpoint'],
    RequestQuotaUsage: ['Endpoint', 'OperationType'],
  },
};

const MINUTE_MS = 60_000;
const BATCH_MAX = 50;
const LIST = /^\/subscriptions\/([^/]+)\/resources$/i;
const BATCH = /^\/subscriptions\/([^/]+)\/metrics:getBatch$/i;

/**
 * The batch interface of Azure Monitor metrics, and the list of resources of Resource Manager: a token is needed, filters are
 * understood, what has not arrived yet is not given.
 *
 * @see https://learn.microsoft.com/rest/api/monitor/metrics-batch/batch
 */
export async function startAzureMetrics(options: { now: () => number }): Promise<AzureMetricsServer> {
  const kept: Kept = { resources: [], samples: [], broken: new Set(), nullAsZero: false };
  let origin = '';
  const server = await startFaultyServer((request) => answer(request, state, { origin, now: options.now }));
  origin = server.origin;
  const { received, faults, weather, close } = server;
  const state = Object.assign(kept, { origin, received, faults, weather, close });
  return state;
}

function answer(request: Received, kept: Kept, { origin, now }: { origin: string; now: () => number }): Answered {
  const url = new URL(request.path, origin);
  const path = decodeURIComponent(url.pathname);
  if (!/^Bearer \S+$/.test(request.headers.authorization ?? '')) return failure(401, 'AuthenticationFailed');
  if (url.searchParams.get('api-version') === null) return failure(400, 'MissingApiVersionParameter');
  const listed = LIST.exec(path)?.[1];
  if (listed !== undefined) return list(url, listed, kept);
  const subscription = BATCH.exec(path)?.[1];
  if (subscription === undefined || request.method !== 'POST') return failure(404, 'NotFound');
  return batch(url, { subscription, ids: idsOf(request.body), now: now() }, kept);
}

function list(url: URL, subscription: string, { resources }: Kept): Answered {
  const type = /^resourceType eq '([^']+)'$/.exec(url.searchParams.get('$filter') ?? '')?.[1]?.toLowerCase();
  const value = resources.filter(
    (one) => one.type.toLowerCase() === type && one.id.toLowerCase().startsWith(`/subscriptions/${subscription}/`),
  );
  return json(200, { value: value.map((one) => ({ ...one, name: one.id.split('/').at(-1) })) });
}

function idsOf(body: string): string[] {
  const parsed: unknown = JSON.parse(body);
  const ids: unknown = typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, 'resourceids') : undefined;
  return Array.isArray(ids) ? ids.map(String) : [];
}

type Asked = { subscription: string; ids: readonly string[]; now: number };

function batch(url: URL, { subscription, ids, now }: Asked, kept: Kept): Answered {
  const query = (name: string): string => url.searchParams.get(name) ?? '';
  const [namespace, names] = [query('metricnamespace').toLowerCase(), query('metricnames').split(',')];
  const known = DIMENSIONS[namespace];
  const [fromMs, toMs] = [Date.parse(query('starttime')), Date.parse(query('endtime'))];
  const own = ids.map((id) => kept.resources.find((one) => one.id.toLowerCase() === id.toLowerCase()));
  const regions = new Set(own.map((one) => one?.location));
  if (ids.length === 0 || ids.length > BATCH_MAX || known === undefined || !(fromMs < toMs))
    return failure(400, 'BadRequest');
  if (query('interval') !== 'PT1M' || regions.size !== 1) return failure(400, 'BadRequest');
  if (ids.some((id) => !id.toLowerCase().startsWith(`/subscriptions/${subscription}/`)))
    return failure(400, 'BadRequest');
  if (regions.has(undefined)) return failure(404, 'ResourceNotFound');
  const conditions = conditionsOf(query('filter'));
  const dimensions = names.map((name) => known[name]);
  if (conditions === null || dimensions.includes(undefined)) return failure(400, 'BadRequest');
  if (conditions.some(({ name }) => dimensions.some((has) => has?.every((each) => each.toLowerCase() !== name))))
    return failure(400, 'BadRequest');
  const aggregation = query('aggregation').toLowerCase();
  const top = Number(query('top') || '10');
  const values = own.map((one) => ({
    starttime: query('starttime'),
    endtime: query('endtime'),
    interval: 'PT1M',
    namespace,
    resourceregion: one?.location,
    resourceid: one?.id,
    value: names.map((name) => {
      const samples = kept.samples.filter(
        (sample) =>
          sample.resourceId.toLowerCase() === one?.id.toLowerCase() &&
          sample.metric === name &&
          (sample.arrivesAtMs ?? sample.atMs) <= now,
      );
      const series = kept.broken.has(name)
        ? []
        : seriesOf(samples, { conditions, fromMs, toMs, aggregation, nullAsZero: kept.nullAsZero }).slice(0, top);
      return {
        id: `${one?.id}/providers/Microsoft.Insights/metrics/${name}`,
        type: 'Microsoft.Insights/metrics',
        name: { value: name, localizedValue: name },
        unit: 'Count',
        timeseries: series,
        errorCode: kept.broken.has(name) ? 'InternalServerError' : 'Success',
      };
    }),
  }));
  return json(200, { values });
}

type Condition = { name: string; value: string };

/** `A eq 'x' and B eq '*'`; null for what is no such filter. */
function conditionsOf(filter: string): Condition[] | null {
  if (filter === '') return [];
  const part = /\s*([A-Za-z][\w.-]*) eq '((?:[^']|'')*)'(?:\s+and\s+|\s*$)/y;
  const found: Condition[] = [];
  while (part.lastIndex < filter.length) {
    const match = part.exec(filter);
    if (!match) return null;
    found.push({ name: (match[1] ?? '').toLowerCase(), value: (match[2] ?? '').replaceAll("''", "'") });
  }
  return found;
}

type Shape = {
  conditions: readonly Condition[];
  fromMs: number;
  toMs: number;
  aggregation: string;
  nullAsZero: boolean;
};

function seriesOf(samples: readonly Sample[], { conditions, fromMs, toMs, aggregation, nullAsZero }: Shape): unknown[] {
  const groups = new Map<string, Sample[]>();
  for (const sample of samples) {
    const values = conditions.map(({ name, value }) => [value, dimensionOf(sample, name)] as const);
    if (sample.atMs < fromMs || sample.atMs >= toMs) continue;
    if (values.some(([wanted, is]) => is === undefined || (wanted !== '*' && wanted !== is))) continue;
    const key = JSON.stringify(values.map(([, is]) => is));
    groups.set(key, [...(groups.get(key) ?? []), sample]);
  }
  return [...groups].map(([key, group]) => {
    const values: unknown = JSON.parse(key);
    return {
      metadatavalues: conditions.map(({ name }, index) => ({
        name: { value: name, localizedValue: name },
        value: Array.isArray(values) ? values[index] : undefined,
      })),
      data: minutesOf(fromMs, toMs).map((atMs) => {
        const within = group.filter((sample) => Math.floor(sample.atMs / MINUTE_MS) * MINUTE_MS === atMs);
        const none = nullAsZero ? { [aggregation]: 0 } : {};
        const timeStamp = new Date(atMs).toISOString();
        return within.length === 0 ? { timeStamp, ...none } : { timeStamp, [aggregation]: folded(within, aggregation) };
      }),
    };
  });
}

function dimensionOf({ dimensions = {} }: Sample, name: string): string | undefined {
  return Object.entries(dimensions).find(([known]) => known.toLowerCase() === name)?.[1];
}

function minutesOf(fromMs: number, toMs: number): number[] {
  const first = Math.floor(fromMs / MINUTE_MS) * MINUTE_MS;
  return Array.from({ length: Math.ceil((toMs - first) / MINUTE_MS) }, (_, nth) => first + nth * MINUTE_MS);
}

function folded(samples: readonly Sample[], aggregation: string): number {
  const values = samples.map(({ value = 1 }) => value);
  const total = values.reduce((sum, value) => sum + value, 0);
  if (aggregation === 'maximum') return Math.max(...values);
  if (aggregation === 'minimum') return Math.min(...values);
  return aggregation === 'average' ? total / values.length : total;
}

function failure(status: number, code: string): Answered {
  return json(status, { error: { code, message: `${code}: this is a simulation` } });
}

function json(status: number, body: unknown): Answered {
  return { status, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(body) };
}
