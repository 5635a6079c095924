import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { type Local, startLocal } from '../../local/server.ts';
import { getIncident } from '../../shared/pipeline/read.ts';
import { type SlackServer, startSlackServer } from '../../simulation/servers/slack.ts';
import { TEAM } from '../../simulation/servers/slack-desk.ts';
import { slackPeople } from '../../simulation/servers/slack-people.ts';
import { collectingLog } from '../kit.ts';
import { folderForTest } from '../shared/adapters/folder.ts';
import { configOf } from '../shared/config/kit.ts';
import { azureAlert } from '../shared/pipeline/kit.ts';
import { LIMIT, SHARED_VAULT, SHOP, startSharedEstate } from './estate.ts';
import { type PacedClock, pacedClock } from './paced-clock.ts';

/** Twenty times as fast as real: a minute in three seconds. Where the machine is busy the clock goes slower, and polls wait longer. */
const SPEED = 20;
const SECRET = 'a-signing-secret';
const ACTOR = 'aaaaaaaa-0000-4000-8000-00000000000a';
const ALEX = 'U0ALEX';

const started: { close(): Promise<void> }[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const one of started.splice(0).reverse()) await one.close();
});

async function startAll(): Promise<{
  clock: PacedClock;
  estate: Awaited<ReturnType<typeof startSharedEstate>>;
  slack: SlackServer;
  local: Local;
  log: ReturnType<typeof collectingLog>;
}> {
  const clock = pacedClock(SPEED);
  const folder = folderForTest();
  const estate = await startSharedEstate(join(folder, 'logs'), clock);
  started.push(estate);
  const slack = await startSlackServer({ now: clock.now });
  started.push(slack);
  for (const [name, value] of Object.entries(estate.identity.environment)) vi.stubEnv(name, value);
  const limits = join(folder, 'limits.json');
  const limit = { service: 'key-vault', class: 'secret', countsRefused: false, ...LIMIT };
  writeFileSync(limits, JSON.stringify({ extends: 'published', limits: [limit] }));
  const settings = {
    scopes: [`/subscriptions/${SHARED_VAULT.subscriptionId}`],
    approvers: [{ people: [`slack:${TEAM}/${ALEX}`], actions: ['client-policy'] }],
    aliases: { [SHOP.appId]: { displayName: 'shop', app: 'shop', fleetSize: 4 } },
  };
  const config = configOf(
    {
      HEADROOM_RECORDS: 'memory',
      HEADROOM_QUEUE: 'memory',
      HEADROOM_PAYLOADS: 'memory',
      HEADROOM_HOME: folder,
      HEADROOM_LOGS: join(folder, 'logs', '*.json'),
      HEADROOM_LIMITS: limits,
      HEADROOM_ACTIONS: 'on',
      HEADROOM_ACTOR_CLIENT_ID: ACTOR,
      HEADROOM_LEVERS_ENDPOINT: estate.levers.origin,
      HEADROOM_SLACK_ENDPOINT: slack.endpoint,
      HEADROOM_SLACK_BOT_TOKEN: slack.token,
      HEADROOM_SLACK_CHANNEL: slack.channel,
      HEADROOM_SLACK_SIGNING_SECRET: SECRET,
    },
    { settings },
  );
  const log = collectingLog();
  const workers = { concurrency: 4, visibilityMs: 600_000, idleMs: 1_000 };
  const options = { host: '127.0.0.1', port: 0, log, out: () => undefined, colour: false, workers, clock };
  const local = await startLocal(config, options);
  started.push(local);
  // The database computes as fast as this machine does: a minute of it is no three seconds.
  for (const reader of local.deps.readers) {
    const { read } = reader;
    reader.read = (request, signal) => clock.atRealSpeed(() => read(request, signal));
  }
  return { clock, estate, slack, local, log };
}

test('a storm is stopped by the button, the message proves it, and undo brings the old policy back', async () => {
  const { clock, estate, slack, local, log } = await startAll();
  const people = slackPeople({ slack, app: local.url, signingSecret: SECRET, now: clock.now });
  const text = (): string => JSON.stringify(slack.messages[0]?.blocks ?? []);
  // As a person does who is told that it was not done in time: two seconds of this clock are a tenth of a real one.
  const pressUntil = (action: string, isDone: () => boolean): Promise<void> =>
    expect
      .poll(
        async () => {
          const [message] = slack.messages;
          if (message && JSON.stringify(message.blocks).includes(`headroom:${action}`) && !isDone())
            await people.presses(message, action, { user: ALEX, name: 'alex' }).send();
          return isDone();
        },
        { timeout: 60_000, interval: 1_000 },
      )
      .toBe(true);

  void estate.startShop();
  await expect.poll(() => estate.vault.counts().refused, { timeout: 60_000 }).toBeGreaterThan(80);
  const incident = await fire(local, new Date(clock.now() - 60_000).toISOString());
  await expect.poll(text, { timeout: 60_000, interval: 100 }).toContain('headroom:approve');
  expect(text()).toContain('Let shop keep its secrets for 1 h');
  expect(text()).toContain('ttlSeconds: not set -> 3600');

  await pressUntil('approve', () => estate.leverValues.length === 1);
  // Nobody but the actor has written it.
  expect(estate.writers).toEqual([ACTOR]);
  await expect.poll(text, { timeout: 90_000, interval: 100 }).toContain('429s stopped');
  const refused = estate.vault.counts().refused;
  const plan = (await getIncident(local.deps, incident))?.plans?.[0];
  expect(plan).toMatchObject({ state: 'verified', effect: { verdict: 'stopped', refusedAfter: 0 } });
  const { refusedBefore = 0, stoppedAfterSeconds = 0 } = plan?.effect ?? {};
  expect(refusedBefore).toBeGreaterThan(0);
  // The library looks at its levers every 30 s, and what waits for its turn by then may still be refused.
  expect(stoppedAfterSeconds).toBeLessThanOrEqual(120);
  expect(text()).toContain(`429s stopped ${stoppedAfterSeconds} s after; ${refusedBefore} → 0 refused a minute`);
  expect(estate.vault.counts().refused).toBe(refused);

  const { served } = estate.vault.counts();
  await pressUntil('undo', () => estate.leverValues.length === 0);
  expect(estate.writers).toEqual([ACTOR, ACTOR]);
  await expect.poll(() => estate.vault.counts().served, { timeout: 60_000 }).toBeGreaterThan(served + 60);
  await expect.poll(text, { timeout: 60_000, interval: 100 }).toContain('Undone by alex');
  expect(log.events.filter(({ level }) => level === 'error')).toEqual([]);
}, 240_000);

async function fire(local: Local, firedAt: string): Promise<string> {
  const answered = await fetch(`${local.url}/api/alerts/azure`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(azureAlert({ firedAt, vaults: [SHARED_VAULT.name] })),
  });
  expect(answered.status).toBe(202);
  const { incident } = (await answered.json()) as { incident: string };
  return incident;
}
