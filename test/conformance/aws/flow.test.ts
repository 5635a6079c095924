/** The built lambdas on AWS's own runtime client and on emulated stores: alerts in at one end, messages out at the other. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openQueue, openTable } from '../../../shared/adapters/aws/stores.ts';
import type { Queue, Records } from '../../../shared/ports.ts';
import { type SlackServer, startSlackServer } from '../../../simulation/servers/slack.ts';
import { type Built, buildOutsideTree } from '../../infra/built.ts';
import { functionUrlEvent, SCHEDULE_EVENT } from '../../lambdas/events.ts';
import { ALERTS, BROKEN, expectDead, largeAlert, playStorm, STORM_MS, TOKEN, until, VAULTS } from '../flow.ts';
import { type LambdaProcess, startLambda } from '../lambda-process.ts';
import { makeBucket, makeQueue, makeTable, originOf } from './account.ts';
import { type EventSource, startEventSource } from './event-source.ts';

const FIXTURES = resolve(import.meta.dirname, '../../fixtures');
const ALARM: unknown = JSON.parse(readFileSync(resolve(FIXTURES, 'cloudwatch/lambda-metric.json'), 'utf8'));

const MAX_ATTEMPTS = 5;
/** Environments of each function. */
const AT_ONCE = 2;
const WITHIN_MS = 30_000;

let built: Built;
beforeAll(async () => {
  built = await buildOutsideTree();
});
afterAll(() => built.remove());

let slack: SlackServer;
let records: Records;
let queue: Queue;
let queueUrl: string;
let environment: Record<string, string>;
let running: LambdaProcess[];
let sources: EventSource[];

beforeEach(async () => {
  const table = await makeTable('dynalite');
  queueUrl = await makeQueue({ maxAttempts: MAX_ATTEMPTS });
  slack = await startSlackServer();
  running = [];
  sources = [];
  environment = {
    AWS_ACCESS_KEY_ID: 'nobody',
    AWS_SECRET_ACCESS_KEY: 'nothing',
    AWS_REGION: 'eu-west-1',
    HEADROOM_RECORDS: `dynamodb:${table}`,
    HEADROOM_QUEUE: `sqs:${queueUrl}`,
    HEADROOM_PAYLOADS: `s3:${await makeBucket()}`,
    HEADROOM_DYNAMODB_ENDPOINT: originOf('dynalite'),
    HEADROOM_SQS_ENDPOINT: originOf('moto'),
    HEADROOM_S3_ENDPOINT: originOf('moto'),
    HEADROOM_ALERT_TOKEN: TOKEN,
    HEADROOM_SLACK_WEBHOOK_URL: slack.webhookUrl,
  };
  records = openTable(table, { endpoint: originOf('dynalite'), now: Date.now });
  queue = openQueue(queueUrl, { endpoint: originOf('moto'), now: Date.now });
});

afterEach(async () => {
  await Promise.all(sources.map((source) => source.stop()));
  await Promise.all(running.map((lambda) => lambda.stop()));
  await slack.close();
});

async function start(entry: string): Promise<LambdaProcess> {
  const client = process.env['RUNTIME_CLIENT'];
  if (client === undefined) throw new Error("start this with npm run conformance: it needs AWS's runtime client");
  const lambda = await startLambda(client, `headroom-${entry}`, dirname(built.lambda(entry)), environment);
  running.push(lambda);
  return lambda;
}

/** A function that works on the queue as SQS hands it over. */
async function startWork(visibilitySeconds = 30): Promise<LambdaProcess> {
  const work = await start('work');
  sources.push(startEventSource(queueUrl, work, { visibilitySeconds }));
  return work;
}

async function receive(lambda: LambdaProcess, body: string): Promise<{ status: number; body: string }> {
  const headers = { authorization: `Bearer ${TOKEN}` };
  const result = await lambda.invoke(functionUrlEvent('POST', '/api/alerts/azure', { body, headers }));
  if (!result.ok) throw new Error(`${result.error.errorType}: ${result.error.errorMessage}`);
  const { statusCode, body: text } = Object(result.value);
  return { status: Number(statusCode), body: String(text) };
}

const log = (): string => running.map((lambda) => lambda.output().slice(-1_000)).join('\n');

function comesTrue(holds: () => boolean | Promise<boolean>): Promise<void> {
  return until(holds, { withinMs: WITHIN_MS, log });
}

describe('the lambdas on DynamoDB, SQS and S3', () => {
  test('an alarm comes in at one end and its message goes out at the other, once', async () => {
    const [receiving, , reading] = await Promise.all([start('receive'), startWork(), start('read')]);
    expect(await receiving.invoke(ALARM)).toMatchObject({ ok: true, value: { ok: true } });
    await comesTrue(() => slack.messages.length === 1);
    expect(JSON.stringify(slack.messages[0])).toContain('example-fn');
    const batches = sources[0]?.batches() ?? 0;
    expect(await receiving.invoke(ALARM)).toMatchObject({ ok: true, value: { ok: true } });
    await comesTrue(() => (sources[0]?.batches() ?? 0) > batches);
    expect(slack.messages).toHaveLength(1);
    const health = await reading.invoke(functionUrlEvent('GET', '/api/health'));
    expect(health).toMatchObject({ value: { statusCode: 200, body: '{"status":"ok"}' } });
  });

  test('a large payload goes through the bucket, and the minute’s watch runs on the same stores', async () => {
    const [receiving, , watching] = await Promise.all([start('receive'), startWork(), start('watch')]);
    expect((await receive(receiving, largeAlert())).status).toBe(202);
    await comesTrue(() => slack.messages.length === 1);
    expect(await watching.invoke(SCHEDULE_EVENT)).toMatchObject({ ok: true });
    const lines = running.flatMap((lambda) => lambda.output().split('\n')).filter((line) => line !== '');
    expect(lines.filter((line) => JSON.parse(line).level === 'error')).toEqual([]);
  });

  test('a message that no waiting mends is laid aside by SQS, and is listed among the dead', async () => {
    const client = new SQSClient({ endpoint: originOf('moto') });
    await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(BROKEN) }));
    client.destroy();
    await startWork(0);
    await comesTrue(async () => (await queue.depth()).dead === 1);
    expect(sources[0]?.batches()).toBe(MAX_ATTEMPTS);
    await expectDead(queue, MAX_ATTEMPTS);
  });

  test(
    `${ALERTS} alerts on ${VAULTS} vaults are all taken in, each with one outcome, and told in order`,
    async () => {
      const receiving = await Promise.all(Array.from({ length: AT_ONCE }, () => start('receive')));
      await Promise.all(Array.from({ length: AT_ONCE }, () => startWork()));
      const receivers = receiving.map((lambda) => (body: string) => receive(lambda, body));
      const watching = await start('watch');
      await playStorm({ receivers, records, queue, slack, watch: () => watching.invoke(SCHEDULE_EVENT), log });
    },
    STORM_MS + 10_000,
  );
});
