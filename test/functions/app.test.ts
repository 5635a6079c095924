import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import { ENTRIES } from '../../infra/entries.ts';
import { manifest } from '../../infra/manifest.ts';
import { sendJson, startServer } from '../../simulation/servers/http-server.ts';
import { startIdentityEndpoint } from '../../simulation/servers/identity-endpoint.ts';
import { startOpenIdServer } from '../../simulation/servers/openid.ts';
import { slackPeople } from '../../simulation/servers/slack-people.ts';
import { AUDIENCE, alertClaims, TENANT } from '../shared/adapters/entra/kit.ts';
import { ALERT_TOKEN, startTrial, type Trial } from '../trial.ts';
import { takeWrittenLog, type WrittenLog } from '../written-log.ts';
import { type FunctionsHost, startHost } from './host.ts';

const FIRED = readFileSync(resolve(import.meta.dirname, '../fixtures/azure/metric-static-kv429-fired.json'), 'utf8');
const JSON_TYPE = { 'content-type': 'application/json' };
const CALLER = { ...JSON_TYPE, authorization: `Bearer ${ALERT_TOKEN}` };

const built = inject('builtFolder');
let trial: Trial;
let host: FunctionsHost;
let written: WrittenLog;

beforeEach(async () => {
  trial = await startTrial();
  written = takeWrittenLog();
  for (const [name, value] of Object.entries(trial.environment)) vi.stubEnv(name, value);
  host = await startHost(join(built, 'azure'));
});

afterEach(async () => {
  await host.stop();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await trial.remove();
});

function receive(body: string, headers: Record<string, string> = CALLER, source = 'azure') {
  return host.http('POST', `/api/alerts/${source}`, { headers, body });
}

describe('the built function app', () => {
  test('registers exactly the functions of the manifest, each with its trigger', () => {
    expect(host.functions.map(({ name }) => name).sort()).toEqual([...ENTRIES].sort());
    for (const { name, azure } of manifest().entries)
      expect(host.functions.find((registered) => registered.name === name)?.trigger).toMatchObject(azure);
  });

  test('has a lambda as the twin of each of its functions, and no lambda is without', () => {
    const load = createRequire(import.meta.url);
    const twins = readdirSync(join(built, 'aws')).filter(
      (entry) => typeof load(join(built, 'aws', entry, 'index.cjs')).handler === 'function',
    );
    expect(twins.sort()).toEqual(host.functions.map(({ name }) => name).sort());
  });

  test('loads an entry at its first call, not at the start of the host', async () => {
    const cache = createRequire(import.meta.url).cache;
    const entry = join(built, 'azure', 'receive.cjs');
    expect(Object.hasOwn(cache, entry)).toBe(false);
    await receive('{}');
    expect(Object.hasOwn(cache, entry)).toBe(true);
  });

  test('takes an alert in and answers 202 with its incident', async () => {
    const answer = await receive(FIRED);
    expect(answer.status).toBe(202);
    expect(JSON.parse(answer.body)).toEqual({
      incident: expect.stringMatching(/^[a-z2-7]{8}$/),
      incidents: [expect.any(String)],
    });
    expect(await trial.waiting()).toBe(1);
  });

  test.each([
    ['a caller without the token', FIRED, JSON_TYPE, 'azure', 401],
    ['a source that does not exist', FIRED, CALLER, 'nobody', 404],
    ['a body that is not JSON', '{', CALLER, 'azure', 400],
    ['another content type', FIRED, { ...CALLER, 'content-type': 'text/html' }, 'azure', 415],
    ['a body over the bound', `{"x":"${'y'.repeat(1_048_576)}"}`, CALLER, 'azure', 413],
  ])('refuses %s', async (_what, body, headers, source, status) => {
    const answer = await receive(body, headers, source);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body)).toMatchObject({ error: expect.any(String), path: '' });
  });

  test('lets in who has a token of Entra: the action group service for alerts, readers for incidents', async () => {
    const entra = await startOpenIdServer();
    try {
      vi.stubEnv('HEADROOM_TENANT_ID', TENANT);
      vi.stubEnv('HEADROOM_ENTRA_ENDPOINT', entra.origin);
      vi.stubEnv('HEADROOM_ALERT_AUDIENCE', `api://${AUDIENCE}`);
      vi.stubEnv('HEADROOM_READ_AUDIENCE', 'api://headroom-read');
      const now = { now: () => Date.now() };
      const bearer = (claims: Record<string, unknown>) => ({
        ...JSON_TYPE,
        authorization: `Bearer ${entra.issue(claims)}`,
      });
      const reads = { aud: 'api://headroom-read', azp: AUDIENCE };
      const get = (headers: Record<string, string>) => host.http('GET', '/api/incidents', { headers });
      const answers = [
        await receive(FIRED, bearer(alertClaims(now))),
        await receive(FIRED, bearer(alertClaims(now, { tid: AUDIENCE }))),
        await get(bearer(alertClaims(now, { ...reads, roles: ['Headroom.Read'] }))),
        await get(bearer(alertClaims(now, reads))),
        await get(CALLER),
      ];
      expect(answers.map(({ status }) => status)).toEqual([202, 401, 200, 401, 401]);
      expect(new Set(answers.filter(({ status }) => status === 401).map(({ body }) => body)).size).toBe(1);
      expect(written.logged('caller-refused').map(({ why }) => why)).toEqual([
        'its token is refused: it is of another tenant',
        'its token is refused: it lacks the role Headroom.Read',
        'its token is refused: it is no token of the known form',
      ]);
    } finally {
      await entra.close();
    }
  });

  test('works on the queue message and posts the incident to Slack, once', async () => {
    await receive(FIRED);
    const [message = ''] = await trial.takeMessages();
    expect(await host.deliver('headroom-work', message)).toMatchObject({ attempts: 1, poisoned: false });
    expect(trial.slack.messages).toHaveLength(1);
    expect(JSON.stringify(trial.slack.messages[0])).toContain('kv-contoso');
    await host.deliver('headroom-work', message);
    expect(trial.slack.messages).toHaveLength(1);
  });

  test('the minute’s watch takes up an alert whose queue message was lost', async () => {
    await receive(FIRED);
    await trial.takeMessages();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 120_000 });
    await host.tick('watch');
    vi.useRealTimers();
    expect(await trial.waiting()).toBe(1);
  });

  test('lays a message that no waiting mends into the poison queue after five attempts', async () => {
    const delivery = await host.deliver('headroom-work', '{"v":1}');
    expect(delivery).toMatchObject({ attempts: 5, poisoned: true });
    expect(host.poison.get('headroom-work')).toEqual(['{"v":1}']);
    expect(await trial.waiting()).toBe(0);
  });

  test('puts back what a newer version wrote, and never poisons it', async () => {
    const newer = '{"v":2,"incidentId":"abcdefgh","more":true}';
    expect(await host.deliver('headroom-work', newer)).toMatchObject({ attempts: 1, poisoned: false });
    expect(await trial.waiting()).toBe(1);
    expect(written.logged('put-back')).toHaveLength(1);
  });

  test('answers health to all, and incidents to nobody without an audience for their tokens', async () => {
    const health = await host.http('GET', '/api/health');
    expect([health.status, health.body]).toEqual([200, '{"status":"ok"}']);
    const refused = [
      await host.http('GET', '/api/incidents', { headers: CALLER }),
      await host.http('GET', '/api/incidents/abcdefgh', { headers: { 'x-ms-client-principal': 'e30=' } }),
    ];
    expect(refused.map(({ status }) => status)).toEqual([401, 401]);
    expect((await host.http('GET', '/api/other')).status).toBe(401);
  });

  test('asks Azure Monitor whether it knows the alert, by its own identity', async () => {
    const identity = await startIdentityEndpoint();
    const asked: string[] = [];
    const arm = await startServer(({ request, response, url }) => {
      asked.push(`${request.headers.authorization?.slice(0, 10)} ${url.pathname}`);
      const essentials = { startDateTime: '2026-01-05T10:07:24Z', targetResource: null };
      sendJson(response, 200, { id: url.pathname, properties: { essentials } });
    });
    const settings = join(trial.environment['HEADROOM_HOME'] ?? '', 'headroom.json');
    const subscription = '00000000-0000-0000-0000-000000000000';
    writeFileSync(settings, JSON.stringify({ scopes: [subscription] }));
    try {
      for (const [name, value] of Object.entries(identity.environment)) vi.stubEnv(name, value);
      vi.stubEnv('HEADROOM_SETTINGS', settings);
      vi.stubEnv('HEADROOM_ARM_ENDPOINT', arm.origin);
      await receive(FIRED);
      const [message = ''] = await trial.takeMessages();
      expect(await host.deliver('headroom-work', message)).toMatchObject({ attempts: 1, poisoned: false });
      const id = `/subscriptions/${subscription}/providers/microsoft.alertsmanagement/alerts/11111111-1111-1111-1111-111111111111`;
      expect(asked.filter((path) => path.includes('/alerts/'))).toEqual([`Bearer eyJ ${id}`]);
      // Only then is anything asked about the vault itself.
      expect(asked[0]).toContain('/alerts/');
      expect(written.logged('alert-read-back')).toMatchObject([{ state: 'confirmed', tries: 1 }]);
    } finally {
      await Promise.all([identity.close(), arm.close()]);
    }
  });
});

describe('chat of the built function app', () => {
  const SIGNING_SECRET = 'a-signing-secret';

  test('answers a command at once, what takes long by the queue, and strangers not at all', async () => {
    vi.stubEnv('HEADROOM_SLACK_SIGNING_SECRET', SIGNING_SECRET);
    vi.stubEnv('HEADROOM_SLACK_ENDPOINT', trial.slack.endpoint);
    const people = slackPeople({ slack: trial.slack, app: 'http://unused', signingSecret: SIGNING_SECRET });
    const quick = people.types('status').request();
    expect(await host.http('POST', quick.path, quick)).toMatchObject({
      status: 200,
      body: expect.stringContaining('No open'),
    });
    const slow = people.types('doctor').request();
    expect((await host.http('POST', slow.path, slow)).body).toContain('The answer follows here');
    const [job = ''] = await trial.takeMessages();
    expect(await host.deliver('headroom-work', job)).toMatchObject({ attempts: 1, poisoned: false });
    expect(JSON.stringify(trial.slack.desk.whispers)).toContain('checks');
    const forged = { ...slow, headers: { ...slow.headers, 'x-slack-signature': 'v0=0' } };
    expect((await host.http('POST', slow.path, forged)).status).toBe(401);
    expect((await host.http('POST', '/api/teams/webhook', { body: '{}' })).status).toBe(401);
  });
});

describe('the built function app, misconfigured', () => {
  beforeEach(() => {
    vi.stubEnv('HEADROOM_RECORDS', 'tabel:https://example.test');
    vi.stubEnv('HEADROOM_BODY_BYTES', 'many');
    vi.stubEnv('HEADROOM_SLACK_CHANEL', 'C1');
  });

  test('stays up, answers 503, and lists every problem in one line of the log', async () => {
    const answers = [await receive(FIRED), await receive(FIRED)];
    expect(answers.map(({ status }) => status)).toEqual([503, 503]);
    expect(answers[0]?.headers['retry-after']).toBe('5');
    expect(answers[0]?.body).not.toContain('HEADROOM_');
    const [line, ...more] = written.logged('configuration');
    expect(more).toEqual([]);
    const told = JSON.stringify(line);
    for (const name of ['HEADROOM_RECORDS', 'HEADROOM_BODY_BYTES', 'HEADROOM_SLACK_CHANEL'])
      expect(told).toContain(name);
  });

  test('answers 503 for health', async () => {
    expect((await host.http('GET', '/api/health')).status).toBe(503);
  });

  test('leaves queue messages and the timer to the host’s own retries', async () => {
    const delivery = await host.deliver('headroom-work', '{"v":1,"incidentId":"abcdefgh"}');
    expect(delivery.poisoned).toBe(true);
    expect(String(delivery.errors[0])).toContain('configuration');
    await expect(host.tick('watch')).rejects.toThrow('configuration');
  });
});

test.each([
  ['HEADROOM_RECORDS', 'dynamodb:headroom'],
  ['HEADROOM_QUEUE', 'sqs:https://sqs.example.test/work'],
  ['HEADROOM_PAYLOADS', 's3:headroom'],
  ['HEADROOM_QUEUE', 'storage:https://example.queue.core.windows.net/another'],
])('a store that this app cannot work with is a configuration problem: %s=%s', async (name, value) => {
  vi.stubEnv(name, value);
  expect((await receive(FIRED)).status).toBe(503);
  expect(JSON.stringify(written.logged('configuration'))).toContain(`${name} names`);
});

test('a store that cannot be opened is answered 503, and the log says what to do', async () => {
  const blocked = join(trial.environment['HEADROOM_HOME'] ?? '', 'a-file');
  writeFileSync(blocked, '');
  vi.stubEnv('HEADROOM_HOME', blocked);
  expect((await receive(FIRED)).status).toBe(503);
  expect(written.logged('stores-unavailable')).toEqual([
    expect.objectContaining({ nextStep: expect.stringContaining('HEADROOM_HOME') }),
  ]);
});

test('what one entry keeps in memory the other entries of the process find', async () => {
  for (const store of ['RECORDS', 'QUEUE', 'PAYLOADS']) vi.stubEnv(`HEADROOM_${store}`, 'memory');
  const { incident } = JSON.parse((await receive(FIRED)).body);
  expect(await host.deliver('headroom-work', JSON.stringify({ v: 1, incidentId: incident }))).toMatchObject({
    poisoned: false,
  });
  expect(written.logged('work-failed')).toEqual([]);
});
