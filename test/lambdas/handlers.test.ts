import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import { type SlackCall, slackPeople } from '../../simulation/servers/slack-people.ts';
import { ALERT_TOKEN, startTrial, type Trial } from '../trial.ts';
import { takeWrittenLog, type WrittenLog } from '../written-log.ts';
import { functionUrlEvent, SCHEDULE_EVENT, sqsEvent, withIamCaller } from './events.ts';

const CALLER = { authorization: `Bearer ${ALERT_TOKEN}` };

const built = inject('builtFolder');
let trial: Trial;
let written: WrittenLog;

beforeEach(async () => {
  trial = await startTrial();
  written = takeWrittenLog();
  for (const [name, value] of Object.entries(trial.environment)) vi.stubEnv(name, value);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await trial.remove();
});

function fixture(path: string): unknown {
  return JSON.parse(readFileSync(resolve(import.meta.dirname, '../fixtures', path), 'utf8'));
}

/** The handler as a cold start loads it: nothing is kept from one call of this to the next. */
function handlerOf(entry: string): (event: unknown) => Promise<unknown> {
  const load = createRequire(import.meta.url);
  const path = join(built, 'aws', entry, 'index.cjs');
  delete load.cache[path];
  return load(path).handler;
}

describe('the built receive lambda', () => {
  test('finds one incident in the three envelopes of one alarm’s change', async () => {
    const receive = handlerOf('receive');
    const answers = [
      await receive(fixture('cloudwatch/lambda-metric.json')),
      await receive(fixture('cloudwatch/eventbridge-metric.json')),
      await receive(fixture('cloudwatch/sns-metric.json')),
    ];
    const [first] = answers;
    expect(first).toEqual({ ok: true, alerts: 1, incidents: [expect.stringMatching(/^[a-z2-7]{8}$/)] });
    expect(answers).toEqual([first, first, first]);
  });

  test('the three envelopes become one message', async () => {
    const receive = handlerOf('receive');
    for (const envelope of ['lambda', 'eventbridge', 'sns'])
      await receive(fixture(`cloudwatch/${envelope}-metric.json`));
    const messages = await trial.takeMessages();
    expect(messages).toHaveLength(3);
    const batch = sqsEvent(messages.map((body, index) => ({ id: `m${index}`, body })));
    expect(await handlerOf('work')(batch)).toEqual({ batchItemFailures: [] });
    expect(trial.slack.messages).toHaveLength(1);
    expect(JSON.stringify(trial.slack.messages[0])).toContain('example-fn');
  });

  test('takes an alert by function URL and answers 202', async () => {
    const body = JSON.stringify(fixture('azure/metric-static-kv429-fired.json'));
    const event = functionUrlEvent('POST', '/api/alerts/azure', { body, headers: CALLER });
    expect(await handlerOf('receive')(event)).toMatchObject({
      statusCode: 202,
      body: expect.stringContaining('incident'),
    });
  });

  test('refuses a function URL’s caller without the token', async () => {
    const event = functionUrlEvent('POST', '/api/alerts/azure', { body: '{}' });
    expect(await handlerOf('receive')(event)).toMatchObject({ statusCode: 401 });
  });

  test.each([
    ['a payload of another product', { hello: 'world' }],
    ['no object', 'text'],
    ['nothing', null],
  ])('keeps %s and does not ask Lambda to try it again', async (_what, event) => {
    expect(await handlerOf('receive')(event)).toMatchObject({ ok: false, error: expect.any(String) });
    expect(written.logged('payload-refused')).toHaveLength(1);
  });

  test('rejects while the store is down, so that Lambda tries the alarm again', async () => {
    const blocked = join(trial.environment['HEADROOM_HOME'] ?? '', 'a-file');
    writeFileSync(blocked, '');
    vi.stubEnv('HEADROOM_HOME', blocked);
    await expect(handlerOf('receive')(fixture('cloudwatch/lambda-metric.json'))).rejects.toThrow('opening');
  });

  test('misconfigured, stays up: 503 by function URL, a rejection for an alarm, all problems in one line', async () => {
    vi.stubEnv('HEADROOM_QUEUE', 'storage:https://headroom.queue.core.windows.net/work');
    vi.stubEnv('HEADROOM_RECORDS', 'table:https://headroom.table.core.windows.net');
    const receive = handlerOf('receive');
    const event = functionUrlEvent('POST', '/api/alerts/azure', { body: '{}', headers: CALLER });
    expect(await receive(event)).toMatchObject({ statusCode: 503 });
    await expect(receive(fixture('cloudwatch/lambda-metric.json'))).rejects.toThrow('configuration');
    const told = written.logged('configuration');
    expect(told).toHaveLength(1);
    expect(JSON.stringify(told)).toMatch(/HEADROOM_RECORDS.*HEADROOM_QUEUE/);
  });
});

describe('the built chat lambda', () => {
  test('answers a command at once, and what takes long by the queue', async () => {
    vi.stubEnv('HEADROOM_SLACK_SIGNING_SECRET', 'a-signing-secret');
    vi.stubEnv('HEADROOM_SLACK_ENDPOINT', trial.slack.endpoint);
    const people = slackPeople({ slack: trial.slack, app: 'http://unused', signingSecret: 'a-signing-secret' });
    const chat = handlerOf('chat');
    const event = ({ path, ...call }: SlackCall) => functionUrlEvent('POST', path, call);
    expect(await chat(event(people.types('status').request()))).toMatchObject({
      statusCode: 200,
      body: expect.stringContaining('No open incident'),
    });
    expect(await chat(event(people.types('doctor').request()))).toMatchObject({ statusCode: 200 });
    const messages = await trial.takeMessages();
    const batch = sqsEvent(messages.map((body, index) => ({ id: `m${index}`, body })));
    expect(await handlerOf('work')(batch)).toEqual({ batchItemFailures: [] });
    expect(JSON.stringify(trial.slack.desk.whispers)).toContain('checks');
  });

  test('refuses who is not Slack, and whatever is no function URL’s event', async () => {
    const event = functionUrlEvent('POST', '/api/slack/commands', { body: 'text=status' });
    expect(await handlerOf('chat')(event)).toMatchObject({ statusCode: 401 });
    await expect(handlerOf('chat')({ Records: [] })).rejects.toThrow('function URLs');
  });
});

describe('the built work lambda', () => {
  test('names only the messages that no waiting mends', async () => {
    await handlerOf('receive')(fixture('cloudwatch/lambda-metric.json'));
    const [good = ''] = await trial.takeMessages();
    const batch = sqsEvent([
      { id: 'not-json', body: '{' },
      { id: 'good', body: good },
      { id: 'no-incident', body: '{"v":1}' },
      { id: 'newer', body: '{"v":2,"incidentId":"abcdefgh"}' },
    ]);
    expect(await handlerOf('work')(batch)).toEqual({
      batchItemFailures: [{ itemIdentifier: 'not-json' }, { itemIdentifier: 'no-incident' }],
    });
    expect(trial.slack.messages).toHaveLength(1);
    expect(await trial.waiting()).toBe(1);
  });

  test('sends a message again that is due later than SQS can wait, and does not work on it yet', async () => {
    await handlerOf('receive')(fixture('cloudwatch/lambda-metric.json'));
    const [body = ''] = await trial.takeMessages();
    const early = sqsEvent([{ id: 'early', body, dueAtMs: Date.now() + 300_000 }]);
    expect(await handlerOf('work')(early)).toEqual({ batchItemFailures: [] });
    expect([trial.slack.messages.length, await trial.waiting()]).toEqual([0, 1]);
    expect(await trial.takeMessages()).toEqual([]);
    const due = sqsEvent([{ id: 'due', body, dueAtMs: Date.now() - 1 }]);
    expect(await handlerOf('work')(due)).toEqual({ batchItemFailures: [] });
    expect(trial.slack.messages).toHaveLength(1);
  });

  test('misconfigured, fails the whole batch, so that SQS keeps it', async () => {
    vi.stubEnv('HEADROOM_RECORDS', 'nonsense');
    await expect(handlerOf('work')(sqsEvent([{ id: 'a', body: '{}' }]))).rejects.toThrow('configuration');
  });
});

test.each(['work', 'read'])('the built %s lambda refuses an event that is not its own', async (entry) => {
  await expect(handlerOf(entry)(fixture('cloudwatch/lambda-metric.json'))).rejects.toThrow('alone');
});

describe('the built watch lambda', () => {
  test('takes up an alert whose queue message was lost', async () => {
    await handlerOf('receive')(fixture('cloudwatch/lambda-metric.json'));
    await trial.takeMessages();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 120_000 });
    await handlerOf('watch')(SCHEDULE_EVENT);
    vi.useRealTimers();
    expect(await trial.waiting()).toBe(1);
  });
});

describe('the built read lambda', () => {
  test('answers health to all', async () => {
    expect(await handlerOf('read')(functionUrlEvent('GET', '/api/health'))).toMatchObject({
      statusCode: 200,
      body: '{"status":"ok"}',
    });
  });

  test('shows incidents to callers whose signature AWS has checked, and to no one else', async () => {
    const received = await handlerOf('receive')(fixture('cloudwatch/lambda-metric.json'));
    await handlerOf('work')(sqsEvent((await trial.takeMessages()).map((body) => ({ id: 'a', body }))));
    const event = functionUrlEvent('GET', '/api/incidents', { headers: CALLER });
    const read = handlerOf('read');
    expect(await read(event)).toMatchObject({ statusCode: 401 });
    const shown = await read(withIamCaller(event, 'arn:aws:iam::111122223333:role/on-call'));
    expect(shown).toMatchObject({ statusCode: 200 });
    expect(JSON.stringify(shown)).toContain(idOf(received));
  });
});

function idOf(received: unknown): string {
  return /[a-z2-7]{8}(?="\])/.exec(JSON.stringify(received))?.[0] ?? 'no incident';
}
