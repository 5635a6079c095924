import { afterEach, describe, expect, test } from 'vitest';
import { createLogAnalytics, type LogAnalyticsChoices } from '../../../../shared/adapters/azure/log-analytics.ts';
import { AZURE_CLOUDS } from '../../../../shared/config/clouds.ts';
import type { EvidenceRequest } from '../../../../shared/ports.ts';
import type { FaultyServer } from '../../../../simulation/servers/faulty-server.ts';
import { evidenceReaderContract } from '../../../contract/evidence-reader.ts';
import { fakeClock } from '../../../kit.ts';
import { logsReader, packed, startFixedLogs, TOKEN, TWO_KINDS, VAULT } from './logs-kit.ts';

const ROWS = [
  { kind: 'callers', window: 'incident', row: { caller: 'app-1', requests: 420, per: [1, 2, 3], name: null } },
  { kind: 'coverage', window: 'incident', row: { requests: 420 } },
  { kind: 'callers', window: 'day-before', row: { caller: 'app-2', requests: 7, per: [], name: null } },
];

const servers: FaultyServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function logs(
  answer: Parameters<typeof startFixedLogs>[0] = () => ({ body: packed(ROWS) }),
): Promise<FaultyServer> {
  const server = await startFixedLogs(answer);
  servers.push(server);
  return server;
}

evidenceReaderContract('Log Analytics', { role: /missing role Log Analytics Reader/ }, async () => {
  const server = await logs();
  return {
    reader: logsReader(server.origin),
    request: TWO_KINDS,
    others: [
      { ...VAULT, cloud: 'aws' },
      { ...VAULT, id: `${VAULT.id}/secrets/one` },
      { ...VAULT, id: VAULT.id.replace('keyvault/vaults', 'compute/virtualmachines') },
      { ...VAULT, id: 'azure:scope:rule' },
    ],
    fail: (fault) => {
      server.weather.next = () => fault;
    },
    asked: () => server.received.length,
    secrets: [TOKEN],
    close: async () => undefined,
  };
});

describe('what is asked', () => {
  test('is the resource itself, once, with the token of the cloud and the whole of time that the windows take', async () => {
    const server = await logs();
    await logsReader(server.origin).read(TWO_KINDS);
    expect(server.received).toHaveLength(1);
    const [{ method, path, headers, body }] = server.received as [(typeof server.received)[number]];
    expect({ method, path }).toEqual({ method: 'POST', path: `/v1${VAULT.id}/query` });
    expect(headers.authorization).toBe(`Bearer ${TOKEN}`);
    expect(headers['prefer']).toBe('wait=45');
    expect(headers['content-type']).toContain('application/json');
    expect(JSON.parse(body)).toEqual({
      query: 'union a, b, c',
      timespan: '2026-11-19T11:00:00.000Z/2026-11-20T14:00:00.000Z',
    });
  });

  test.each<[string, Partial<LogAnalyticsChoices>, string]>([
    ['of the settings', { settings: { resources: { [VAULT.id]: { workspaceId: 'w-own' } } } }, 'w-own'],
    ['of the configuration', { workspaceId: 'w-all' }, 'w-all'],
    [
      'of the settings before that of the configuration',
      { workspaceId: 'w-all', settings: { resources: { [VAULT.id]: { workspaceId: 'w-own' } } } },
      'w-own',
    ],
  ])('is the workspace %s where one is named', async (_whose, given, workspace) => {
    const server = await logs();
    await logsReader(server.origin, given).read(TWO_KINDS);
    expect(server.received.map(({ path }) => path)).toEqual([`/v1/workspaces/${workspace}/query`]);
  });

  test('goes to the host of the cloud, with a token for its scope', async () => {
    const asked: (string | string[])[] = [];
    const credential = {
      getToken: async (scope: string | string[]) => {
        asked.push(scope);
        throw new Error('no token here');
      },
    };
    for (const hosts of Object.values(AZURE_CLOUDS)) {
      const choices = { workspaceId: undefined, settings: { resources: {} }, endpoints: {} };
      await createLogAnalytics(choices, hosts, { credential, clock: fakeClock() }).read(TWO_KINDS);
    }
    expect(asked).toEqual([
      'https://api.loganalytics.io/.default',
      'https://api.loganalytics.us/.default',
      'https://api.loganalytics.azure.cn/.default',
    ]);
  });

  test('is each statement by itself where they were not put together', async () => {
    const table = {
      name: 'PrimaryResult',
      columns: [
        { name: 'n', type: 'long' },
        { name: 'at', type: 'datetime' },
      ],
      rows: [[7, '2026-11-20T13:30:00Z']],
    };
    const server = await logs(() => ({ body: { tables: [table] } }));
    const { together: _together, ...query } = TWO_KINDS.query;
    const readings = await logsReader(server.origin).read({ ...TWO_KINDS, query });
    expect(server.received.map(({ body }) => JSON.parse(body).query)).toEqual(['a', 'b', 'c']);
    expect(readings[2]).toMatchObject({
      kind: 'callers',
      window: 'day-before',
      state: 'read',
      rows: [{ n: 7, at: '2026-11-20T13:30:00.000Z' }],
    });
  });
});

describe('what comes back', () => {
  const ask = async (answer: Parameters<typeof startFixedLogs>[0], request: EvidenceRequest = TWO_KINDS) =>
    logsReader((await logs(answer)).origin).read(request);

  test('is given to the statement that it answers, in the order of the statements', async () => {
    expect(await ask(() => ({ body: packed(ROWS) }))).toEqual(
      [ROWS[1], ROWS[0], ROWS[2]].map((row) => ({
        kind: row?.kind,
        window: row?.window,
        store: 'log-analytics',
        readAt: '2026-11-20T14:00:00.000Z',
        state: 'read',
        rows: [row?.row],
        truncated: false,
        completeness: null,
      })),
    );
  });

  test('is no row for a statement that found none', async () => {
    const readings = await ask(() => ({ body: packed([]) }));
    expect(readings.map((reading) => reading.state === 'read' && reading.rows)).toEqual([[], [], []]);
  });

  test('is marked where the service cut it short, and what is wholly missing then was not read', async () => {
    const error = {
      code: 'PartialError',
      message: 'secret words',
      details: [{ code: 'EngineError', message: 'words' }],
    };
    const readings = await ask(() => ({ body: { ...packed(ROWS.slice(0, 2)), error } }));
    expect(readings.map((reading) => (reading.state === 'read' ? reading.truncated : reading.why))).toEqual([
      true,
      true,
      'over-budget',
    ]);
    expect(JSON.stringify(readings)).toContain('PartialError EngineError');
    expect(JSON.stringify(readings)).not.toContain('words');
  });

  test('without a table, or with none that there is, says how the log is turned on', async () => {
    for (const answer of [
      { status: 204 },
      { body: { tables: [] } },
      {
        status: 400,
        body: {
          error: {
            code: 'BadArgumentError',
            message: 'x',
            innererror: { code: 'SemanticError', innererror: { code: 'SEM0100' } },
          },
        },
      },
    ]) {
      const readings = await ask(() => answer);
      for (const reading of readings)
        expect(reading).toMatchObject({
          state: 'unavailable',
          why: 'not-configured',
          nextStep: expect.stringContaining(
            `az monitor diagnostic-settings create --name headroom --resource ${VAULT.id}`,
          ),
        });
    }
  });

  test.each([
    [
      {
        status: 400,
        body: {
          error: {
            code: 'BadArgumentError',
            message: 'secret',
            innererror: { code: 'SyntaxError', message: 'secret' },
          },
        },
      },
      'unsupported',
      'SyntaxError',
    ],
    [
      { status: 403, body: { error: { code: 'InsufficientAccessError', message: 'secret' } } },
      'denied',
      `--scope ${VAULT.id}`,
    ],
    [{ status: 401 }, 'denied', 'Log Analytics Reader'],
    [
      { status: 404, body: { error: { code: 'PathNotFoundError', message: 'secret' } } },
      'not-configured',
      `no resource ${VAULT.id}`,
    ],
    [{ status: 413 }, 'over-budget', 'too large'],
    [{ status: 429, body: { error: { code: 'TooManyRequests', message: 'secret' } } }, 'throttled', 'next run'],
    [{ status: 502, body: '<html>secret</html>' }, 'unreachable', 'next run'],
    [{ status: 504, body: { error: { code: 'GatewayTimeout', message: 'secret' } } }, 'timed-out', 'next run'],
    [{ status: 302 }, 'unreachable', 'HEADROOM_LOGS_ENDPOINT'],
    [{ status: 200 }, 'unreachable', 'next run'],
  ])('of %j is %s', async (answer, why, words) => {
    const readings = await ask(() => answer);
    expect(readings).toHaveLength(3);
    for (const reading of readings)
      expect(reading).toMatchObject({ state: 'unavailable', why, nextStep: expect.stringContaining(words) });
    expect(JSON.stringify(readings)).not.toContain('secret');
  });

  test('names the workspace whose role is missing, or that nobody knows', async () => {
    const denied = await logs(() => ({ status: 403 }));
    const unknown = await logs(() => ({ status: 404 }));
    const given = { workspaceId: 'w-all' };
    expect(JSON.stringify(await logsReader(denied.origin, given).read(TWO_KINDS))).toContain(
      'Log Analytics Reader on workspace w-all',
    );
    expect(JSON.stringify(await logsReader(unknown.origin, given).read(TWO_KINDS))).toContain(
      'No workspace has the id w-all',
    );
  });

  test('is never read from where a redirect leads', async () => {
    const other = await logs();
    const server = await logs();
    server.faults.push({ status: 307, headers: { location: `${other.origin}/v1/elsewhere` } });
    await logsReader(server.origin).read(TWO_KINDS);
    expect(other.received).toEqual([]);
  });

  test('says so where this process has no token', async () => {
    const server = await logs();
    const credential = {
      getToken: async () => Promise.reject(Object.assign(new Error('down'), { name: 'SecretsError' })),
    };
    const [reading] = await logsReader(server.origin, {}, credential).read(TWO_KINDS);
    expect(reading).toMatchObject({
      state: 'unavailable',
      why: 'unreachable',
      nextStep: expect.stringContaining('identity service'),
    });
    expect(server.received).toEqual([]);
  });
});
