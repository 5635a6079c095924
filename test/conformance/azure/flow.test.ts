/** The built function app on a storage account: alerts in at one end, messages out at the other. */
import { join } from 'node:path';
import { QueueClient } from '@azure/storage-queue';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { openQueue, openTable } from '../../../shared/adapters/azure/stores.ts';
import type { Queue, Records } from '../../../shared/ports.ts';
import { type SlackServer, startSlackServer } from '../../../simulation/servers/slack.ts';
import { type FunctionsHost, startHost } from '../../functions/host.ts';
import { type Built, buildOutsideTree } from '../../infra/built.ts';
import { takeWrittenLog, type WrittenLog } from '../../written-log.ts';
import { ALERTS, BROKEN, expectDead, FIRED, largeAlert, playStorm, STORM_MS, TOKEN, until, VAULTS } from '../flow.ts';
import { calls, type Identity, placeIn, startIdentity } from './account.ts';
import { type QueueTrigger, startQueueTrigger } from './queue-trigger.ts';

const WORK_QUEUE = 'headroom-work';

/** What the host lets a message be delivered. */
const MAX_ATTEMPTS = 5;
const AT_ONCE = 25;
const WITHIN_MS = 20_000;

let built: Built;
let identity: Identity;
beforeAll(async () => {
  [built, identity] = await Promise.all([buildOutsideTree(), startIdentity()]);
});
afterAll(async () => {
  built.remove();
  await identity.close();
});

let slack: SlackServer;
let host: FunctionsHost;
let trigger: QueueTrigger;
let records: Records;
let queue: Queue;
let written: WrittenLog;

beforeEach(async () => {
  const table = placeIn('table');
  const queueAccount = placeIn('queue').replace(/\/[^/]+$/, '');
  slack = await startSlackServer();
  written = takeWrittenLog();
  const environment = {
    ...identity.endpoint.environment,
    HEADROOM_RECORDS: `table:${table}`,
    HEADROOM_QUEUE: `storage:${queueAccount}/${WORK_QUEUE}`,
    HEADROOM_PAYLOADS: `blob:${placeIn('blob')}`,
    HEADROOM_ALERT_TOKEN: TOKEN,
    HEADROOM_SLACK_WEBHOOK_URL: slack.webhookUrl,
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  const { credential } = identity;
  records = openTable(table, { credential, calls });
  queue = openQueue(`${queueAccount}/${WORK_QUEUE}`, { credential, calls });
  const [client, poison] = [WORK_QUEUE, `${WORK_QUEUE}-poison`].map(
    (name) => new QueueClient(`${queueAccount}/${name}`, credential),
  );
  if (client === undefined || poison === undefined) throw new Error('there is no queue');
  for (const each of [client, poison]) {
    await each.createIfNotExists();
    await each.clearMessages();
  }
  const app = join(built.folder, 'azure');
  host = await startHost(app);
  trigger = startQueueTrigger(host, client, poison, app, { visibilitySeconds: 0 });
});

afterEach(async () => {
  await trigger.stop();
  await host.stop();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await slack.close();
});

function receive(body: string): ReturnType<FunctionsHost['http']> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` };
  return host.http('POST', '/api/alerts/azure', { headers, body });
}

const log = (): string => written.lines.slice(-5).join('');

function comesTrue(holds: () => boolean | Promise<boolean>): Promise<void> {
  return until(holds, { withinMs: WITHIN_MS, log });
}

describe('the function app on a storage account', () => {
  test('an alert comes in at one end and its message goes out at the other, once', async () => {
    const answer = await receive(FIRED);
    expect([answer.status, written.lines.join('')]).toEqual([202, '']);
    await comesTrue(() => slack.messages.length === 1);
    expect(JSON.stringify(slack.messages[0])).toContain('kv-contoso');
    expect((await receive(FIRED)).status).toBe(202);
    const deliveries = trigger.deliveries();
    await comesTrue(() => trigger.deliveries() > deliveries);
    expect(slack.messages).toHaveLength(1);
    expect((await host.http('GET', '/api/health')).body).toBe('{"status":"ok"}');
  });

  test('a large payload goes through the blobs', async () => {
    expect((await receive(largeAlert())).status).toBe(202);
    await comesTrue(() => slack.messages.length === 1);
  });

  test('a message that no waiting mends dies as the host lays it aside, and is listed among the dead', async () => {
    await new QueueClient(`${placeIn('queue').replace(/\/[^/]+$/, '')}/${WORK_QUEUE}`, identity.credential).sendMessage(
      Buffer.from(JSON.stringify(BROKEN)).toString('base64'),
    );
    await comesTrue(async () => (await queue.depth()).dead === 1);
    expect(trigger.deliveries()).toBe(MAX_ATTEMPTS);
    await expectDead(queue, MAX_ATTEMPTS, 'Functions host');
  });

  test('the minute’s watch runs on the same stores', async () => {
    await receive(FIRED);
    await comesTrue(() => slack.messages.length === 1);
    await host.tick('watch');
    expect(written.lines.filter((line) => line.includes('"error"'))).toEqual([]);
  });

  test(
    `${ALERTS} alerts on ${VAULTS} vaults are all taken in, each with one outcome, and told in order`,
    () =>
      playStorm({
        receivers: Array.from({ length: AT_ONCE }, () => receive),
        records,
        queue,
        slack,
        watch: () => host.tick('watch'),
        log,
      }),
    STORM_MS + 10_000,
  );
});
