import { LogsQueryClient } from '@azure/monitor-query-logs';
import { afterEach, expect, test } from 'vitest';
import { type LogAnalyticsServer, startLogAnalytics } from '../../../simulation/servers/log-analytics.ts';
import { NO_ACCESS, TIMED_OUT, throttled } from '../../../simulation/servers/log-analytics-protocol.ts';
import { executeOver } from '../../kql/execute.ts';

const WORKSPACE = '11111111-0000-4000-8000-000000000001';
const VAULT = '/subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv-one';
const START = Date.parse('2026-01-05T10:00:00Z');
const TIMESPAN = { startTime: new Date(START), endTime: new Date(START + 3_600_000) };
const COLUMNS = [
  { name: 'TimeGenerated', type: 'datetime' },
  { name: 'status', type: 'int' },
  { name: 'more', type: 'dynamic' },
  { name: '_ResourceId', type: 'string' },
];

let nowMs = START;
let server: LogAnalyticsServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
  nowMs = START;
});

async function started(limits?: { rows: number; bytes: number }): Promise<LogAnalyticsServer> {
  server = await startLogAnalytics({ execute: executeOver, now: () => nowMs, ...(limits && { limits }) });
  server.addWorkspace({ id: WORKSPACE, tables: [{ name: 'Log', columns: COLUMNS }] });
  const rows = [200, 429, 429].map((status, index) => ({
    row: {
      TimeGenerated: new Date(START + 1_000 * index).toISOString(),
      status,
      more: { at: index },
      _ResourceId: VAULT.toLowerCase(),
    },
    availableAtMs: START + 60_000 * (2 - index),
  }));
  server.addRows(WORKSPACE, 'Log', rows);
  return server;
}

/** The real client, which alone refuses plain http. */
function clientOf({ origin }: LogAnalyticsServer, maxRetries = 0): LogsQueryClient {
  const client = new LogsQueryClient(
    { getToken: async () => ({ token: 'a-token', expiresOnTimestamp: Date.now() + 3_600_000 }) },
    { endpoint: `${origin}/v1`, allowInsecureConnection: true, retryOptions: { maxRetries } },
  );
  client.pipeline.removePolicy({ name: 'bearerTokenAuthenticationPolicy' });
  client.pipeline.addPolicy({
    name: 'token',
    sendRequest(request, next) {
      request.headers.set('authorization', 'Bearer a-token');
      request.allowInsecureConnection = true;
      return next(request);
    },
  });
  return client;
}

test('runs the text that it is sent, and the client reads the answer as its types say', async () => {
  const asked = await started();
  nowMs += 120_000;
  const result = await clientOf(asked).queryWorkspace(
    WORKSPACE,
    'Log | where status == 429 | sort by TimeGenerated asc | project TimeGenerated, status, more',
    TIMESPAN,
    { serverTimeoutInSeconds: 30, includeQueryStatistics: true },
  );
  expect(result).toMatchObject({
    status: 'Success',
    tables: [
      {
        name: 'PrimaryResult',
        columnDescriptors: COLUMNS.slice(0, 3),
        rows: [
          [new Date(START + 1_000), 429, { at: 1 }],
          [new Date(START + 2_000), 429, { at: 2 }],
        ],
      },
    ],
  });
  expect(asked.queries).toMatchObject([
    {
      about: { workspaceId: WORKSPACE },
      timespan: { from: '2026-01-05T10:00:00.000Z', to: '2026-01-05T11:00:00.000Z' },
      waitSeconds: 30,
      statistics: true,
    },
  ]);
});

test('shows a row only from the moment on that it arrives, later ones first if so told', async () => {
  const asked = await started();
  const seen = async (): Promise<unknown[]> => {
    const result = await clientOf(asked).queryWorkspace(
      WORKSPACE,
      'Log | sort by TimeGenerated asc | project at = tolong(more.at)',
      TIMESPAN,
    );
    return result.status === 'Success' ? (result.tables[0]?.rows.flat() ?? []) : [];
  };
  expect(await seen()).toEqual([2]);
  nowMs += 60_000;
  expect(await seen()).toEqual([1, 2]);
  nowMs += 60_000;
  expect(await seen()).toEqual([0, 1, 2]);
});

test('takes only a timespan with both ends: it knows no time of day', async () => {
  const failed = clientOf(await started()).queryWorkspace(WORKSPACE, 'Log', { duration: 'PT1H' });
  await expect(failed).rejects.toMatchObject({ statusCode: 400 });
});

test('gives of a resource its own rows, and 204 of one that has none', async () => {
  const asked = await started();
  asked.addRows(WORKSPACE, 'Log', [{ row: { status: 500, _ResourceId: '/other' }, availableAtMs: START }]);
  nowMs += 120_000;
  const result = await clientOf(asked).queryResource(VAULT.slice(1).toUpperCase(), 'Log | count', TIMESPAN);
  expect(result).toMatchObject({ status: 'Success', tables: [{ rows: [[3]] }] });
  const raw = await fetch(`${asked.origin}/v1/subscriptions/s/resourceGroups/rg/providers/x/y/unknown/query`, {
    method: 'POST',
    headers: { authorization: 'Bearer x', 'content-type': 'application/json' },
    body: JSON.stringify({ query: 'Log' }),
  });
  expect(raw.status).toBe(204);
});

test.each([
  ['a table that is not there', 'Absent | count', { statusCode: 400 }, 'SEM0100'],
  ['a column that is not there', 'Log | where absent > 1', { statusCode: 400 }, 'SEM0100'],
  ['a text of wrong syntax', 'Log | where', { statusCode: 400 }, 'SYN0002'],
])('answers %s as the service does', async (_what, text, error, code) => {
  const failed = clientOf(await started()).queryWorkspace(WORKSPACE, text, TIMESPAN);
  await expect(failed).rejects.toMatchObject({
    ...error,
    details: { error: { innererror: { innererror: { code } } } },
  });
  expect(server?.failures).toEqual([]);
});

test('answers what its executor does not know with an error of its own, and keeps it', async () => {
  const failed = clientOf(await started()).queryWorkspace(WORKSPACE, 'Log | evaluate bag_unpack(more)', TIMESPAN);
  await expect(failed).rejects.toMatchObject({ statusCode: 501 });
  expect(server?.failures).toMatchObject([{ message: expect.stringContaining('EvaluateOperator') }]);
});

test.each([
  ['a caller without the role', NO_ACCESS, { statusCode: 403 }],
  ['too many questions', throttled(), { statusCode: 429 }],
  ['too many questions, told to wait', throttled(7), { statusCode: 429, response: { status: 429 } }],
  ['a time-out of the server', TIMED_OUT, { statusCode: 504 }],
  ['a cut connection', 'cut', { code: 'ECONNRESET' }],
] as const)('plays %s once', async (_what, fault, error) => {
  const asked = await started();
  asked.faults.push(fault);
  await expect(clientOf(asked).queryWorkspace(WORKSPACE, 'Log | count', TIMESPAN)).rejects.toMatchObject(error);
  await expect(clientOf(asked).queryWorkspace(WORKSPACE, 'Log | count', TIMESPAN)).resolves.toMatchObject({
    status: 'Success',
  });
});

test.each(['hang', 'half-open'] as const)('leaves a caller without an end: %s', async (fault) => {
  const asked = await started();
  asked.faults.push(fault);
  const ends = new AbortController();
  const client = clientOf(asked);
  client.pipeline.addPolicy({
    name: 'ends',
    sendRequest(request, next) {
      request.abortSignal = ends.signal;
      return next(request);
    },
  });
  const answer = client.queryWorkspace(WORKSPACE, 'Log | count', TIMESPAN);
  while (asked.queries.length === 0) await new Promise((resolve) => setImmediate(resolve));
  ends.abort();
  await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
});

test.each([
  ['rows', { rows: 2, bytes: 1_000_000 }],
  ['bytes', { rows: 10, bytes: 20 }],
])('cuts an answer at a limit of %s and says so beside the rest', async (_what, limits) => {
  const asked = await started(limits);
  nowMs += 120_000;
  const result = await clientOf(asked).queryWorkspace(WORKSPACE, 'Log | project status, TimeGenerated', TIMESPAN);
  expect(result).toMatchObject({
    status: 'PartialFailure',
    partialError: { code: 'PartialError', details: [{ code: 'EngineError' }] },
  });
  expect(result.status === 'PartialFailure' && (result.partialTables[0]?.rows.length ?? 9)).toBeLessThan(3);
});

test('answers a batch one by one, where the client calls a refusal partial', async () => {
  const asked = await started();
  const results = await clientOf(asked).queryBatch([
    { workspaceId: WORKSPACE, query: 'Log | count', timespan: TIMESPAN },
    { workspaceId: WORKSPACE, query: 'Absent', timespan: TIMESPAN },
  ]);
  expect(results).toMatchObject([
    { status: 'Success', tables: [{ rows: [[1]] }] },
    { status: 'PartialFailure', partialError: { code: 'BadArgumentError' } },
  ]);
});

test('refuses without a token, and a workspace that it does not know', async () => {
  const asked = await started();
  const send = (path: string, headers: Record<string, string>): Promise<Response> =>
    fetch(`${asked.origin}/v1${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query: 'Log' }),
    });
  expect((await send(`/workspaces/${WORKSPACE}/query`, {})).status).toBe(401);
  expect((await send('/workspaces/unknown/query', { authorization: 'Bearer x' })).status).toBe(404);
});
