/** The built function app on a storage account: alerts in at one end, messages out at the other. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { QueueClient } from '@azure/storage-queue';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { openQueue, openTable } from '../../../shared/adapters/azure/stores.ts';
import type { Queue, Records } from '../../../shared/ports.ts';
import { type SlackServer, startSlackServer } from '../../../simulation/servers/slack.ts';
import { type FunctionsHost, startHost } from '../../functions/host.ts';
import { type Built, buildOutsideTree } from '../../infra/built.ts';
import { calls, type Identity, placeIn, startIdentity } from './account.ts';
import { type QueueTrigger, startQueueTrigger } from './queue-trigger.ts';

const TOKEN = 'a-token-for-tests';
const FIRED = readFileSync(resolve(import.meta.dirname, '../../fixtures/azure/metric-static-kv429-fired.json'), 'utf8');
const WORK_QUEUE = 'headroom-work';

const ALERTS = 1_000;
const VAULTS = 50;
const AT_ONCE = 25;

/** Of 1,000 alerts, received and worked off: ten times what a quiet machine takes. */
const STORM_MS = 120_000;

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
let lines: string[];

beforeEach(async () => {
  const table = placeIn('table');
  const queueAccount = placeIn('queue').replace(/\/[^/]+$/, '');
  slack = await startSlackServer();
  lines = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((line) => {
    lines.push(String(line));
    return true;
  });
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

async function until(holds: () => boolean | Promise<boolean>, withinMs = 20_000): Promise<void> {
  const endsAt = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > endsAt)
      throw new Error(`it did not come true within ${withinMs} ms; the log ends:\n${lines.slice(-5).join('')}`);
    await calls.clock.sleep(50);
  }
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

describe('the function app on a storage account', () => {
  test('an alert comes in at one end and its message goes out at the other, once', async () => {
    const answer = await receive(FIRED);
    expect([answer.status, lines.join('')]).toEqual([202, '']);
    await until(() => slack.messages.length === 1);
    expect(JSON.stringify(slack.messages[0])).toContain('kv-contoso');
    expect((await receive(FIRED)).status).toBe(202);
    const deliveries = trigger.deliveries();
    await until(() => trigger.deliveries() > deliveries);
    expect(slack.messages).toHaveLength(1);
    expect((await host.http('GET', '/api/health')).body).toBe('{"status":"ok"}');
  });

  test('a large payload goes through the blobs', async () => {
    const body = JSON.parse(FIRED);
    body.data.customProperties = { notes: 'x'.repeat(100_000) };
    expect((await receive(JSON.stringify(body))).status).toBe(202);
    await until(() => slack.messages.length === 1);
  });

  test('a message that no waiting mends dies as the host lays it aside, and is listed among the dead', async () => {
    const broken: unknown = { v: 1 };
    await new QueueClient(`${placeIn('queue').replace(/\/[^/]+$/, '')}/${WORK_QUEUE}`, identity.credential).sendMessage(
      Buffer.from(JSON.stringify(broken)).toString('base64'),
    );
    await until(async () => (await queue.depth()).dead === 1);
    expect(trigger.deliveries()).toBe(5);
    const [letter] = await queue.dead(10);
    expect(letter).toMatchObject({ message: broken, attempts: 5, reason: expect.stringContaining('Functions host') });
    await letter?.remove();
    expect(await queue.depth()).toEqual({ waiting: 0, dead: 0 });
  });

  test('the minute’s watch runs on the same stores', async () => {
    await receive(FIRED);
    await until(() => slack.messages.length === 1);
    await host.tick('watch');
    expect(lines.filter((line) => line.includes('"error"'))).toEqual([]);
  });

  test(
    `${ALERTS} alerts on ${VAULTS} vaults are all taken in, and become ${VAULTS} messages`,
    async () => {
      const started = Date.now();
      const numbers = Array.from({ length: ALERTS }, (_, n) => n);
      const incidents = new Set<string>();
      const statuses = new Set<number>();
      const sender = async (): Promise<void> => {
        for (let n = numbers.shift(); n !== undefined; n = numbers.shift()) {
          const { status, body } = await receive(alert(n));
          statuses.add(status);
          incidents.add(JSON.parse(body).incident);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, sender));
      const receivedMs = Date.now() - started;
      expect([[...statuses], incidents.size]).toEqual([[202], VAULTS]);
      const partition = `inbox/${new Date().toISOString().slice(0, 13)}`;
      await until(async () => {
        const inbox = await records.list<{ state: string }>(partition, { limit: 1_000 });
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
