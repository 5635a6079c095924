/** The built lambdas on AWS's own runtime client and on emulated stores: alerts in at one end, messages out at the other. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openQueue, openTable } from '../../../shared/adapters/aws/stores.ts';
import { systemClock } from '../../../shared/adapters/system/clock.ts';
import type { Queue, Records, Stored } from '../../../shared/ports.ts';
import { type SlackServer, startSlackServer } from '../../../simulation/servers/slack.ts';
import { type Built, buildOutsideTree } from '../../infra/built.ts';
import { functionUrlEvent, SCHEDULE_EVENT } from '../../lambdas/events.ts';
import { type LambdaProcess, startLambda } from '../lambda-process.ts';
import { makeBucket, makeQueue, makeTable, originOf } from './account.ts';
import { type EventSource, startEventSource } from './event-source.ts';

const TOKEN = 'a-token-for-tests';
const FIXTURES = resolve(import.meta.dirname, '../../fixtures');
const FIRED = readFileSync(resolve(FIXTURES, 'azure/metric-static-kv429-fired.json'), 'utf8');
const ALARM: unknown = JSON.parse(readFileSync(resolve(FIXTURES, 'cloudwatch/lambda-metric.json'), 'utf8'));

const MAX_ATTEMPTS = 5;
const ALERTS = 1_000;
const VAULTS = 50;
/** Environments of each function. */
const AT_ONCE = 2;

/** Of 1,000 alerts, received and worked off: several times what a quiet machine takes. */
const STORM_MS = 120_000;

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

async function receive(lambda: LambdaProcess, body: string): Promise<{ statusCode: number; body: string }> {
  const headers = { authorization: `Bearer ${TOKEN}` };
  const result = await lambda.invoke(functionUrlEvent('POST', '/api/alerts/azure', { body, headers }));
  if (!result.ok) throw new Error(`${result.error.errorType}: ${result.error.errorMessage}`);
  return { statusCode: 0, body: '', ...Object(result.value) };
}

async function until(holds: () => boolean | Promise<boolean>, withinMs = 30_000): Promise<void> {
  const endsAt = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > endsAt) {
      const log = running.map((lambda) => lambda.output().slice(-1_000)).join('\n');
      throw new Error(`it did not come true within ${withinMs} ms; the logs end:\n${log}`);
    }
    await systemClock.sleep(50);
  }
}

/** What was received, which may have gone on into the next hour. */
async function inboxSince(startedMs: number): Promise<Stored<{ state: string }>[]> {
  const hours = new Set([startedMs, Date.now()].map((ms) => new Date(ms).toISOString().slice(0, 13)));
  const lists = [...hours].map((hour) => records.list<{ state: string }>(`inbox/${hour}`, { limit: ALERTS }));
  return (await Promise.all(lists)).flat();
}

/** The fixture as the nth alert, on one of the vaults. */
function alert(n: number): string {
  const body = JSON.parse(FIRED);
  const { essentials } = body.data;
  const vault = `kv-storm-${n % VAULTS}`;
  essentials.alertId = essentials.alertId.replace(/[^/]+$/, `00000000-0000-0000-0000-${String(n).padStart(12, '0')}`);
  essentials.alertTargetIDs = [essentials.alertTargetIDs[0].replace(/[^/]+$/, vault)];
  essentials.configurationItems = [vault];
  essentials.firedDateTime = new Date(Date.now() - n).toISOString();
  return JSON.stringify(body);
}

describe('the lambdas on DynamoDB, SQS and S3', () => {
  test('an alarm comes in at one end and its message goes out at the other, once', async () => {
    const [receiving, , reading] = await Promise.all([start('receive'), startWork(), start('read')]);
    expect(await receiving.invoke(ALARM)).toMatchObject({ ok: true, value: { ok: true } });
    await until(() => slack.messages.length === 1);
    expect(JSON.stringify(slack.messages[0])).toContain('example-fn');
    const batches = sources[0]?.batches() ?? 0;
    expect(await receiving.invoke(ALARM)).toMatchObject({ ok: true, value: { ok: true } });
    await until(() => (sources[0]?.batches() ?? 0) > batches);
    expect(slack.messages).toHaveLength(1);
    const health = await reading.invoke(functionUrlEvent('GET', '/api/health'));
    expect(health).toMatchObject({ value: { statusCode: 200, body: '{"status":"ok"}' } });
  });

  test('a large payload goes through the bucket, and the minute’s watch runs on the same stores', async () => {
    const [receiving, , watching] = await Promise.all([start('receive'), startWork(), start('watch')]);
    const body = JSON.parse(FIRED);
    body.data.customProperties = { notes: 'x'.repeat(100_000) };
    expect((await receive(receiving, JSON.stringify(body))).statusCode).toBe(202);
    await until(() => slack.messages.length === 1);
    expect(await watching.invoke(SCHEDULE_EVENT)).toMatchObject({ ok: true });
    const lines = running.flatMap((lambda) => lambda.output().split('\n')).filter((line) => line !== '');
    expect(lines.filter((line) => JSON.parse(line).level === 'error')).toEqual([]);
  });

  test('a message that no waiting mends is laid aside by SQS, and is listed among the dead', async () => {
    const broken: unknown = { v: 1 };
    const client = new SQSClient({ endpoint: originOf('moto') });
    await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(broken) }));
    client.destroy();
    await startWork(0);
    await until(async () => (await queue.depth()).dead === 1);
    expect(sources[0]?.batches()).toBe(MAX_ATTEMPTS);
    const [letter] = await queue.dead(10);
    expect(letter).toMatchObject({ message: broken, attempts: MAX_ATTEMPTS });
    await letter?.remove();
    expect(await queue.depth()).toEqual({ waiting: 0, dead: 0 });
  });

  test(
    `${ALERTS} alerts on ${VAULTS} vaults are all taken in, and become ${VAULTS} messages`,
    async () => {
      const receiving = await Promise.all(Array.from({ length: AT_ONCE }, () => start('receive')));
      await Promise.all(Array.from({ length: AT_ONCE }, () => startWork()));
      const started = Date.now();
      const numbers = Array.from({ length: ALERTS }, (_, n) => n);
      const incidents = new Set<string>();
      const statuses = new Set<number>();
      const sender = async (lambda: LambdaProcess): Promise<void> => {
        for (let n = numbers.shift(); n !== undefined; n = numbers.shift()) {
          const { statusCode, body } = await receive(lambda, alert(n));
          statuses.add(statusCode);
          incidents.add(JSON.parse(body).incident);
        }
      };
      await Promise.all(receiving.map(sender));
      const receivedMs = Date.now() - started;
      expect([[...statuses], incidents.size]).toEqual([[202], VAULTS]);
      await until(async () => {
        const inbox = await inboxSince(started);
        return inbox.length === ALERTS && inbox.every(({ value }) => value.state === 'taken');
      }, STORM_MS - receivedMs);
      await until(() => slack.messages.length >= VAULTS);
      expect(slack.messages).toHaveLength(VAULTS);
      expect((await queue.depth()).dead).toBe(0);
      process.stderr.write(
        `        ${ALERTS} alerts: received in ${receivedMs} ms, worked off in ${Date.now() - started} ms\n`,
      );
    },
    STORM_MS + 10_000,
  );
});
