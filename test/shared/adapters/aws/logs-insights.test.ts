import { afterEach, describe, expect, test, vi } from 'vitest';
import { createLogsInsights } from '../../../../shared/adapters/aws/logs-insights.ts';
import { compose } from '../../../../shared/evidence/languages/compose.ts';
import { logLines, logLinesIn } from '../../../../shared/evidence/log-lines.ts';
import type { Reading, Resource, Row } from '../../../../shared/model.ts';
import type { EvidenceReader, EvidenceRequest } from '../../../../shared/ports.ts';
import type { Fault } from '../../../../simulation/servers/faulty-server.ts';
import { type LogsInsightsServer, startLogsInsights } from '../../../../simulation/servers/logs-insights.ts';
import { evidenceReaderContract } from '../../../contract/evidence-reader.ts';
import { hastyClock } from '../azure/metrics-kit.ts';

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
const GROUP = '/aws/lambda/example-fn';

function requestOf(given: Partial<EvidenceRequest> = {}): EvidenceRequest {
  const query = compose('logs-insights', [logLines], { resource: FUNCTION, from: FROM, to: TO });
  return { resource: FUNCTION, from: FROM, to: TO, window: 'incident', query, ...given };
}

type Setting = { server: LogsInsightsServer; clock: ReturnType<typeof hastyClock>; reader: EvidenceReader };
const open: Setting[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map(({ server }) => server.close()));
});

async function start(logGroups: readonly string[] = [GROUP]): Promise<Setting> {
  const clock = hastyClock(TO);
  const server = await startLogsInsights({ now: () => clock.now() });
  server.groups.set(GROUP, []);
  const limits = { tryMs: 1_500, budgetMs: 5_000 };
  const resources = { [FUNCTION.id]: { logGroups } };
  return { server, clock, reader: createLogsInsights({ resources, endpoint: server.origin, clock, limits }) };
}

async function setting(logGroups?: readonly string[]): Promise<Setting> {
  const one = await start(logGroups);
  open.push(one);
  return one;
}

function say({ server }: Setting, minute: number, message: string, group = GROUP): void {
  server.groups.get(group)?.push({ atMs: Date.parse(FROM) + minute * 60_000 + 1_500, message });
}

function refused(code: string): Fault {
  const body = JSON.stringify({ __type: code, message: 'User: arn:aws:sts::123456789012:assumed-role/x may not' });
  return { status: 400, headers: { 'content-type': 'application/x-amz-json-1.1' }, body };
}

evidenceReaderContract(
  'CloudWatch Logs Insights',
  {
    role: /logs:StartQuery/,
    denial: refused('AccessDeniedException'),
    throttled: { fault: refused('ThrottlingException') },
    triesWhenDead: 3,
  },
  async () => {
    const one = await start();
    say(one, 1, 'hello');
    const { server, reader } = one;
    return {
      reader,
      request: requestOf(),
      others: [
        { ...FUNCTION, cloud: 'azure' },
        { ...FUNCTION, id: `${FUNCTION.id}-2` },
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

async function readingOf({ reader }: Setting): Promise<Reading> {
  const [reading] = await reader.read(requestOf());
  if (!reading) throw new Error('there is no reading');
  return reading;
}

async function rowsAt(one: Setting): Promise<Row[]> {
  const reading = await readingOf(one);
  if (reading.state !== 'read') throw new Error(`not read: ${JSON.stringify(reading)}`);
  for (const row of reading.rows) logLines.row.parse(row);
  return reading.rows;
}

function operations({ server }: Setting): string[] {
  return server.received.map(({ headers }) => String(headers['x-amz-target']).split('.')[1] ?? '');
}

describe('the log groups of a resource', () => {
  test('are counted by the minute, and so is what speaks of throttling in them', async () => {
    const one = await setting();
    say(one, 0, 'START');
    say(one, 2, 'An error occurred (ThrottlingException): Rate exceeded');
    say(one, 2, 'TooManyRequestsException: "slow down", she said');
    say(one, 2, 'END | ok');
    const at = (minute: number) => Date.parse(FROM) + minute * 60_000;
    const rows = await rowsAt(one);
    expect(rows).toEqual([
      { atMs: at(0), lines: 1, throttled: 0 },
      { atMs: at(2), lines: 3, throttled: 2 },
    ]);
    const reading = await readingOf(one);
    expect(logLinesIn({ resource: FUNCTION, from: FROM, to: TO, readings: [reading] })).toEqual({
      lines: 4,
      throttled: 2,
      firstMs: at(2),
      lastMs: at(2),
    });
  });

  test('are read in the time of the incident alone, six hours of it at most', async () => {
    const one = await setting();
    say(one, -1, 'before');
    say(one, 29, 'in');
    say(one, 30, 'after');
    expect(await rowsAt(one)).toMatchObject([{ lines: 1 }]);
    await one.reader.read(requestOf({ from: '2026-11-19T00:00:00.000Z' }));
    const starts = one.server.received.filter((_, nth) => operations(one)[nth] === 'StartQuery');
    const { startTime, endTime } = JSON.parse(starts.at(-1)?.body ?? '');
    expect(endTime - startTime).toBe(6 * 3_600 - 1);
  });

  test('may be named by ARN, also as the console shows it', async () => {
    const arn = `arn:aws:logs:eu-west-1:123456789012:log-group:${GROUP}`;
    const one = await setting([`${arn}:*`]);
    say(one, 0, 'hello');
    expect(await rowsAt(one)).toMatchObject([{ lines: 1 }]);
    expect(JSON.parse(one.server.received[0]?.body ?? '')).toMatchObject({ logGroupIdentifiers: [arn] });
  });

  test('that are gone are told to be created or corrected', async () => {
    expect(await readingOf(await setting(['/aws/lambda/gone']))).toMatchObject({
      state: 'unavailable',
      why: 'not-configured',
    });
  });

  test('come over several pages, three at most', async () => {
    const one = await setting();
    one.server.pageRows = 4;
    for (let minute = 0; minute < 10; minute += 1) say(one, minute, 'x');
    expect(await rowsAt(one)).toHaveLength(10);
    for (let minute = 10; minute < 20; minute += 1) say(one, minute, 'x');
    expect(await readingOf(one)).toMatchObject({ state: 'read', truncated: true });
  });
});

describe('a query', () => {
  test('is looked at less and less often until it is complete', async () => {
    const one = await setting();
    one.server.looksBefore = 5;
    await rowsAt(one);
    expect(one.clock.slept).toEqual([200, 400, 800, 1_600, 2_000]);
    expect(operations(one)).toEqual(['StartQuery', ...Array(6).fill('GetQueryResults')]);
  });

  test.each<[string, (server: LogsInsightsServer) => void, string]>([
    ['runs too long', (server) => (server.looksBefore = 1_000), 'timed-out'],
    ['scans too much', (server) => (server.scannedBytes = 11 * 1_073_741_824), 'over-budget'],
  ])('that %s is stopped, since it is paid all the same', async (_what, happens, why) => {
    const one = await setting();
    happens(one.server);
    expect(await readingOf(one)).toMatchObject({ state: 'unavailable', why });
    expect(operations(one).at(-1)).toBe('StopQuery');
    expect([...one.server.queries.values()].map(({ status }) => status)).toEqual(['Cancelled']);
  });

  test('that nobody waits for any more is stopped', async () => {
    const one = await setting();
    one.server.looksBefore = 1_000;
    const stop = new AbortController();
    const reading = one.reader.read(requestOf(), stop.signal);
    await vi.waitFor(() => expect(one.server.queries.size).toBe(1));
    stop.abort();
    expect(await reading).toMatchObject([{ state: 'unavailable', why: 'timed-out' }]);
    expect([...one.server.queries.values()].map(({ status }) => status)).toEqual(['Cancelled']);
  });

  test('that fails is told, and is not complete', async () => {
    const one = await setting();
    one.server.endsAs = 'Failed';
    expect(await readingOf(one)).toMatchObject({ state: 'unavailable', why: 'unreachable' });
  });

  test('has to wait where an account runs as many as it may', async () => {
    const one = await setting();
    one.server.atOnce = 0;
    expect(await readingOf(one)).toMatchObject({ state: 'unavailable', why: 'throttled' });
  });

  test.each<[string, Fault]>([
    ['cut', { cut: 'after' }],
    ['not answered', { hang: 'before' }],
    ['refused for a moment', { status: 503 }],
  ])('whose result is %s is looked at again', async (_what, fault) => {
    const one = await setting();
    say(one, 0, 'hello');
    let looked = 0;
    one.server.weather.next = ({ headers }) => {
      if (!String(headers['x-amz-target']).endsWith('GetQueryResults')) return undefined;
      looked += 1;
      return looked === 1 ? fault : undefined;
    };
    expect(await rowsAt(one)).toMatchObject([{ lines: 1 }]);
  });
});
