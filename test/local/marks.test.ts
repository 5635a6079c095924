import { afterEach, expect, test } from 'vitest';
import { type Local, startLocal } from '../../local/server.ts';
import { type SlackServer, startSlackServer } from '../../simulation/servers/slack.ts';
import { TEAM } from '../../simulation/servers/slack-desk.ts';
import { buttonsOf, slackPeople } from '../../simulation/servers/slack-people.ts';
import { collectingLog } from '../kit.ts';
import { configOf } from '../shared/config/kit.ts';
import { azureAlert } from '../shared/pipeline/kit.ts';
import { pacedClock } from './paced-clock.ts';

const SECRET = 'a-signing-secret';
const VAULT = 'kv-contoso';

const started: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of started.splice(0)) await one.close();
});

async function start(): Promise<{ local: Local; slack: SlackServer }> {
  const slack = await startSlackServer();
  const settings = {
    scopes: ['/subscriptions/00000000-0000-0000-0000-000000000000'],
    approvers: [{ people: [`slack:${TEAM}/U0ALEX`], actions: ['ack', 'assign', 'silence'] }],
  };
  const config = configOf(
    {
      HEADROOM_RECORDS: 'memory',
      HEADROOM_QUEUE: 'memory',
      HEADROOM_PAYLOADS: 'memory',
      HEADROOM_SLACK_ENDPOINT: slack.endpoint,
      HEADROOM_SLACK_BOT_TOKEN: slack.token,
      HEADROOM_SLACK_CHANNEL: slack.channel,
      HEADROOM_SLACK_SIGNING_SECRET: SECRET,
    },
    { settings },
  );
  const workers = { concurrency: 4, visibilityMs: 120_000, idleMs: 5 };
  // Edits of a message are spaced by seconds, which these hands do not need.
  const clock = pacedClock(8);
  const options = {
    host: '127.0.0.1',
    port: 0,
    log: collectingLog(),
    out: () => undefined,
    colour: false,
    workers,
    clock,
  };
  const local = await startLocal(config, options);
  started.push(local, slack);
  return { local, slack };
}

test('people acknowledge, assign and silence by buttons and forms, and take each back by a word', async () => {
  const { local, slack } = await start();
  const people = slackPeople({ slack, app: local.url, signingSecret: SECRET });
  const fired = azureAlert({ firedAt: new Date(Date.now() - 60_000).toISOString(), vaults: [VAULT] });
  const answered = await fetch(`${local.url}/api/alerts/azure`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(fired),
  });
  const { incident } = (await answered.json()) as { incident: string };
  const text = (): string => JSON.stringify(slack.messages[0]?.blocks ?? []);
  const reads = (words: string) => expect.poll(text, { timeout: 20_000 }).toContain(words);
  const buttons = () => buttonsOf(slack.messages[0] ?? { blocks: [] }).map(({ action_id }) => action_id);
  const press = (action: string) => {
    const [message] = slack.messages;
    if (!message) throw new Error('no message stands there');
    return people.presses(message, action).send();
  };
  const form = async (action: string, values: Record<string, string>) => {
    const before = slack.desk.views.length;
    await press(action);
    await expect.poll(() => slack.desk.views.length, { timeout: 20_000 }).toBe(before + 1);
    const view = slack.desk.views.at(-1);
    if (!view) throw new Error('no form was opened');
    return people.submits(view, values).send();
  };
  const undo = async (action: string, words: string) => {
    const said = await people.types(`undo ${action} ${incident}`).send();
    expect(said).toMatchObject({ status: 200, body: expect.stringContaining(words) });
  };

  await reads('headroom:ack');
  expect(await press('ack')).toMatchObject({ status: 200, body: '' });
  await reads('acknowledged by alex');
  expect(buttons()).not.toContain('headroom:ack');
  await undo('ack', 'is not acknowledged, as before');
  await expect.poll(buttons, { timeout: 20_000 }).toContain('headroom:ack');

  expect(await form('assign', { 'headroom:person': 'dana' })).toMatchObject({ status: 200, body: '' });
  await reads('assigned to dana');
  await undo('assign', 'is assigned to nobody, as before');
  await expect.poll(text, { timeout: 20_000 }).not.toContain('assigned to dana');

  expect(await form('silence', { 'headroom:duration': '2h' })).toMatchObject({ status: 200, body: '' });
  await reads('silenced until');
  await undo('silence', 'is no longer silenced, as before');
  await expect.poll(text, { timeout: 20_000 }).not.toContain('silenced until');
  await undo('silence', 'nothing to take back');
}, 60_000);
