import { afterEach, expect, test } from 'vitest';
import { type Local, startLocal } from '../../local/server.ts';
import { type SlackServer, startSlackServer } from '../../simulation/servers/slack.ts';
import { slackPeople } from '../../simulation/servers/slack-people.ts';
import { collectingLog } from '../kit.ts';
import { configOf } from '../shared/config/kit.ts';

const MEMORY = { HEADROOM_RECORDS: 'memory', HEADROOM_QUEUE: 'memory', HEADROOM_PAYLOADS: 'memory' };
const SECRET = 'a-signing-secret';

const started: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of started.splice(0)) await one.close();
});

async function start(environment: Record<string, string> = {}): Promise<{ local: Local; slack: SlackServer }> {
  const slack = await startSlackServer();
  const config = configOf({ ...MEMORY, HEADROOM_SLACK_ENDPOINT: slack.endpoint, ...environment });
  const workers = { concurrency: 4, visibilityMs: 120_000, idleMs: 5 };
  const options = { host: '127.0.0.1', port: 0, log: collectingLog(), out: () => undefined, colour: false, workers };
  const local = await startLocal(config, options);
  started.push(local, slack);
  return { local, slack };
}

test('the server of one machine answers Slack at once, and what takes long by its own workers', async () => {
  const { local, slack } = await start({ HEADROOM_SLACK_SIGNING_SECRET: SECRET });
  const people = slackPeople({ slack, app: local.url, signingSecret: SECRET });
  expect(await people.types('status').send()).toMatchObject({ status: 200, body: expect.stringContaining('No open') });
  expect(await people.types('doctor').send()).toMatchObject({ status: 200 });
  await expect.poll(() => slack.desk.whispers.length, { timeout: 10_000 }).toBe(1);
  expect(JSON.stringify(slack.desk.whispers)).toContain('checks');
});

test('with a secret nobody else is believed', async () => {
  const { local, slack } = await start({ HEADROOM_SLACK_SIGNING_SECRET: SECRET });
  const stranger = slackPeople({ slack, app: local.url, signingSecret: 'another' });
  expect(await stranger.types('status').send()).toMatchObject({ status: 401 });
});

test('without a secret programs of this machine are believed, and web pages are not', async () => {
  const { local, slack } = await start();
  const { path, headers, body } = slackPeople({ slack, app: local.url, signingSecret: 'any' })
    .types('status')
    .request();
  const post = (more: Record<string, string>) =>
    fetch(local.url + path, { method: 'POST', headers: { ...headers, ...more }, body });
  expect((await post({})).status).toBe(200);
  expect((await post({ origin: 'https://page.example' })).status).toBe(401);
});
