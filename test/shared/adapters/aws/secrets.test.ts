import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openSecretsManager, type SecretReference } from '../../../../shared/adapters/aws/secrets.ts';
import { type Answered, type FaultyServer, startFaultyServer } from '../../../../simulation/servers/faulty-server.ts';
import { collectingLog } from '../../../kit.ts';

const MINUTE_MS = 60_000;
const ALERT: SecretReference = { name: 'HEADROOM_ALERT_TOKEN', id: 'prod/alert' };
const SLACK: SecretReference = { name: 'HEADROOM_SLACK_BOT_TOKEN', id: 'prod/chat', field: 'slack' };
const TEAMS: SecretReference = { name: 'HEADROOM_TEAMS_WORKFLOW_URL', id: 'prod/chat', field: 'teams' };

let server: FaultyServer;
let stored: Map<string, string>;
let log: ReturnType<typeof collectingLog>;
let nowMs: number;

beforeEach(async () => {
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, 'nobody');
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  stored = new Map([
    ['prod/alert', 'a-token'],
    ['prod/chat', '{"slack":"xoxb","teams":"https://w.example","number":1}'],
  ]);
  log = collectingLog();
  nowMs = 0;
  server = await startFaultyServer(({ body }) => {
    const text = stored.get(JSON.parse(body).SecretId);
    return text === undefined ? failure('ResourceNotFoundException') : json(200, { SecretString: text });
  });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.close();
});

function open(...references: SecretReference[]) {
  return openSecretsManager({
    references,
    endpoint: server.origin,
    limits: { tryMs: 300, budgetMs: 2_000 },
    now: () => nowMs,
    log,
  });
}

function failure(type: string): Answered {
  return json(400, { __type: type, message: 'a secret word' });
}

function json(status: number, body: unknown): Answered {
  return { status, headers: { 'content-type': 'application/x-amz-json-1.1' }, body: JSON.stringify(body) };
}

test('a secret is taken whole or by field, and read once for all its fields', async () => {
  const read = open(ALERT, SLACK, TEAMS);
  expect(await read()).toEqual({
    environment: {
      HEADROOM_ALERT_TOKEN: 'a-token',
      HEADROOM_SLACK_BOT_TOKEN: 'xoxb',
      HEADROOM_TEAMS_WORKFLOW_URL: 'https://w.example',
    },
    problems: [],
  });
  expect(server.received).toHaveLength(2);
});

test('what is known serves for five minutes, as the same object', async () => {
  const read = open(ALERT);
  const first = await read();
  nowMs = 5 * MINUTE_MS - 1;
  expect(await read()).toBe(first);
  expect(server.received).toHaveLength(1);
});

test('a rotated secret is taken up after five minutes', async () => {
  const read = open(ALERT);
  await read();
  stored.set('prod/alert', 'rotated');
  nowMs = 5 * MINUTE_MS;
  expect((await read()).environment).toEqual({ HEADROOM_ALERT_TOKEN: 'rotated' });
});

test.each([
  ['is denied', 'AccessDeniedException'],
  ['is gone', 'ResourceNotFoundException'],
])('what is known stays when reading it again %s, and is asked for again a minute later', async (_what, type) => {
  const read = open(ALERT);
  const first = await read();
  nowMs = 5 * MINUTE_MS;
  server.faults.push(failure(type));
  expect(await read()).toBe(first);
  expect(log.events.map(({ event }) => event)).toEqual(['secret-not-refreshed']);
  const { length } = server.received;
  nowMs += MINUTE_MS - 1;
  await read();
  expect(server.received).toHaveLength(length);
});

test.each([
  ['a role that may not read it', 'AccessDeniedException', 'this role may not read'],
  ['no such secret', 'ResourceNotFoundException', 'is not there'],
  ['a secret marked for deletion', 'InvalidRequestException', 'is not there'],
])('%s is a problem of that name, without the service’s words', async (_what, type, told) => {
  server.faults.push(failure(type));
  const { environment, problems } = await open(ALERT)();
  expect(environment).toEqual({});
  expect(problems).toEqual([
    { name: 'HEADROOM_ALERT_TOKEN', problem: expect.stringContaining(told), nextStep: expect.any(String) },
  ]);
  expect(JSON.stringify(problems)).not.toContain('secret word');
});

test.each([
  ['a field that is not there', { ...SLACK, field: 'pagerduty' }],
  ['a field that is no text', { ...SLACK, field: 'number' }],
  ['a field of what is no object', { ...ALERT, field: 'slack' }],
])('%s is a problem of that name', async (_what, reference) => {
  const { problems } = await open(reference)();
  expect(problems.map(({ name }) => name)).toEqual([reference.name]);
});

test('what was never read and does not answer rejects, and is tried anew at the next call', async () => {
  const read = open(ALERT);
  server.faults.push({ cut: 'before' }, { cut: 'before' }, { cut: 'before' });
  await expect(read()).rejects.toMatchObject({ kind: expect.stringMatching(/^(?:unavailable|timed-out)$/) });
  expect((await read()).environment).toEqual({ HEADROOM_ALERT_TOKEN: 'a-token' });
});

test('a service that hangs holds up nobody for longer than the limit of a call', async () => {
  server.faults.push({ hang: 'before' }, { hang: 'before' }, { hang: 'before' });
  await expect(open(ALERT)()).rejects.toMatchObject({ kind: 'timed-out' });
});
