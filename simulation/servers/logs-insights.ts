import { type Answered, type FaultyServer, type Received, startFaultyServer } from './faulty-server.ts';
import { type LogEvent, MalformedQuery, runInsights } from './logs-insights-query.ts';

type Query = {
  results: Map<string, string | number>[];
  looks: number;
  status: 'Running' | 'Complete' | 'Failed' | 'Cancelled';
};

export type LogsInsightsServer = Pick<FaultyServer, 'origin' | 'received' | 'faults' | 'weather' | 'close'> & {
  /** By name of the log group. An event is found once it has arrived. */
  groups: Map<string, (LogEvent & { arrivesAtMs?: number })[]>;
  /** How often a query is said to run before it is complete. */
  looksBefore: number;
  /** Instead of being completed it ends so. */
  endsAs: 'Complete' | 'Failed';
  /** Bytes that a query is said to have scanned. */
  scannedBytes: number;
  /** Queries that may run at once. */
  atOnce: number;
  /** Rows of one page of results. */
  pageRows: number;
  queries: Map<string, Query>;
};

type Kept = Omit<LogsInsightsServer, 'origin' | 'received' | 'faults' | 'weather' | 'close'>;
type Fields = Record<string, unknown>;

/**
 * The queries of CloudWatch Logs Insights in AWS JSON 1.1: started, looked at, stopped; the text that is received is run.
 * Signatures are not checked.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html
 */
export async function startLogsInsights(options: { now: () => number }): Promise<LogsInsightsServer> {
  const kept: Kept = {
    groups: new Map(),
    looksBefore: 2,
    endsAs: 'Complete',
    scannedBytes: 1_000,
    atOnce: 30,
    pageRows: 10_000,
    queries: new Map(),
  };
  const { origin, received, faults, weather, close } = await startFaultyServer((request) =>
    answer(request, state, options.now()),
  );
  const state = Object.assign(kept, { origin, received, faults, weather, close });
  return state;
}

function answer({ headers, body }: Received, kept: Kept, nowMs: number): Answered {
  const [, operation = ''] = String(headers['x-amz-target'] ?? '').split('.');
  const parsed: unknown = JSON.parse(body);
  const input: Fields = typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  if (operation === 'StartQuery') return start(input, kept, nowMs);
  if (operation === 'GetQueryResults') return look(input, kept);
  if (operation === 'StopQuery') return stop(input, kept);
  return refusal('InvalidParameterException', 'not simulated');
}

function start(input: Fields, kept: Kept, nowMs: number): Answered {
  const { queries, groups, atOnce } = kept;
  if ([...queries.values()].filter(({ status }) => status === 'Running').length >= atOnce)
    return refusal('LimitExceededException', 'Account maximum query concurrency limit reached');
  const names = [input['logGroupNames'], input['logGroupIdentifiers']].filter(Array.isArray).flat().map(nameOf);
  const unknown = names.find((name) => !groups.has(name));
  if (names.length === 0 || names.length > 50) return refusal('InvalidParameterException', 'log groups');
  if (unknown !== undefined) return refusal('ResourceNotFoundException', 'Log group does not exist');
  const [from, to] = [Number(input['startTime']), Number(input['endTime'])];
  if (!(from <= to)) return refusal('InvalidParameterException', 'time range');
  const events = names
    .flatMap((name) => groups.get(name) ?? [])
    .filter(({ atMs, arrivesAtMs = atMs }) => arrivesAtMs <= nowMs && atMs >= from * 1_000 && atMs < (to + 1) * 1_000);
  try {
    const results = runInsights(String(input['queryString']), events).slice(0, Number(input['limit'] ?? 10_000));
    const id = `query-${queries.size + 1}`;
    queries.set(id, { results, looks: 0, status: 'Running' });
    return json(200, { queryId: id });
  } catch (error) {
    if (!(error instanceof MalformedQuery)) throw error;
    return refusal('MalformedQueryException', error.message);
  }
}

function nameOf(group: unknown): string {
  return String(group).replace(/^arn:aws:logs:[^:]+:\d+:log-group:/, '');
}

function look(input: Fields, { queries, looksBefore, endsAs, scannedBytes, pageRows }: Kept): Answered {
  const query = queries.get(String(input['queryId']));
  if (!query) return refusal('ResourceNotFoundException', 'no such query');
  query.looks += 1;
  if (query.status === 'Running' && query.looks > looksBefore) query.status = endsAs;
  const isDone = query.status === 'Complete';
  const skip = Number(input['nextToken'] ?? 0);
  const shown = isDone ? query.results.slice(skip, skip + pageRows) : [];
  const end = skip + pageRows;
  return json(200, {
    status: query.status,
    statistics: { bytesScanned: scannedBytes, recordsMatched: query.results.length, recordsScanned: 100 },
    results: shown.map((row, nth) => [
      ...[...row].map(([field, value]) => ({ field, value: String(value) })),
      { field: '@ptr', value: `pointer-${skip + nth}` },
    ]),
    ...(isDone && end < query.results.length ? { nextToken: String(end) } : {}),
  });
}

function stop(input: Fields, { queries }: Kept): Answered {
  const query = queries.get(String(input['queryId']));
  if (query?.status !== 'Running') return refusal('InvalidParameterException', 'the query is not running');
  query.status = 'Cancelled';
  return json(200, { success: true });
}

function refusal(code: string, message: string): Answered {
  return json(400, { __type: code, message });
}

function json(status: number, body: unknown): Answered {
  return { status, headers: { 'content-type': 'application/x-amz-json-1.1' }, body: JSON.stringify(body) };
}
