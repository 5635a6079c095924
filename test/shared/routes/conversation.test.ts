import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type HttpServer, serveHttp } from '../../../local/http-server.ts';
import { botVerifier } from '../../../shared/adapters/entra/configured.ts';
import { slackBot } from '../../../shared/adapters/slack/bot.ts';
import { configuredDesk } from '../../../shared/adapters/slack/desk.ts';
import { configuredTeams } from '../../../shared/adapters/teams/configured.ts';
import { AZURE_CLOUDS } from '../../../shared/config/clouds.ts';
import { handleDelivery } from '../../../shared/pipeline/handle-delivery.ts';
import { policyOf } from '../../../shared/pipeline/policy.ts';
import { findPlace } from '../../../shared/pipeline/teams-places.ts';
import { chatRoute } from '../../../shared/routes/chat.ts';
import { commandPortsOf, withChat } from '../../../shared/routes/command-ports.ts';
import { startEntraTokenServer } from '../../../simulation/servers/entra-token.ts';
import type { Fault, FaultyServer } from '../../../simulation/servers/faulty-server.ts';
import { type OpenIdServer, startOpenIdServer } from '../../../simulation/servers/openid.ts';
import { type SlackServer, startSlackServer } from '../../../simulation/servers/slack.ts';
import { buttonsOf, type Shown, slackPeople } from '../../../simulation/servers/slack-people.ts';
import { startTeamsBotServer, TENANT, type TeamsBotServer } from '../../../simulation/servers/teams-bot.ts';
import { teamsBotPeople } from '../../../simulation/servers/teams-bot-people.ts';
import { teamsPeople } from '../../../simulation/servers/teams-people.ts';
import { seededRandom } from '../../kit.ts';
import { configOf } from '../config/kit.ts';
import { azureAlert, createWorld, moveOn, POLICY, receive, theIncident, type World } from '../pipeline/kit.ts';

const SIGNING_SECRET = '8f742231b10e8888abcd99yyyzzz85a5';
const WEBHOOK_SECRET = Buffer.from('a key of an outgoing webhook').toString('base64');
const EVE = { user: 'U0EVE', name: 'eve' };
const EVE_ON_TEAMS = { userId: '29:eve', name: 'Eve', objectId: '11111111-9999-9999-9999-999999999999' };
const STRANGER = { user: 'U0STRANGER', name: 'mallory', team: 'T0ELSEWHERE' };

let slack: SlackServer;
let app: HttpServer;
let world: World;
let people: ReturnType<typeof slackPeople>;
let teams: ReturnType<typeof teamsPeople>;
let connector: TeamsBotServer;
let openid: OpenIdServer;
let entra: { origin: string; close(): Promise<void> };
let botPeople: ReturnType<typeof teamsBotPeople>;

const APP_ID = '0a1b2c3d-1111-4222-8333-444455556666';

/** The whole of Headroom's chat behind HTTP, with the platforms' own protocols on the other side; time moves when it is told to. */
beforeEach(async () => {
  const now = () => world.clock.now();
  slack = await startSlackServer({ now });
  connector = await startTeamsBotServer({ now });
  openid = await startOpenIdServer({ endorsements: ['msteams'] });
  entra = await startEntraTokenServer({ identity: { appId: APP_ID, objectId: APP_ID, tenantId: TENANT }, now });
  const settings = {
    scopes: ['00000000-0000-0000-0000-000000000000'],
    approvers: [{ people: ['slack:T0SIMULATED/U0ALEX', 'entra:99999999-9999-9999-9999-999999999999'], actions: ['*'] }],
  };
  const environment = {
    HEADROOM_SLACK_BOT_TOKEN: slack.token,
    HEADROOM_SLACK_CHANNEL: slack.channel,
    // Both in the middle of a rotation: either of two is good.
    HEADROOM_SLACK_SIGNING_SECRET: `${SIGNING_SECRET},${'f'.repeat(32)}`,
    HEADROOM_SLACK_ENDPOINT: slack.endpoint,
    HEADROOM_TEAMS_WEBHOOK_SECRET: `b2xk,${WEBHOOK_SECRET}`,
    HEADROOM_TEAMS_APP_ID: APP_ID,
    HEADROOM_TEAMS_APP_PASSWORD: 'a-client-secret',
    HEADROOM_TEAMS_TENANT_ID: TENANT,
    HEADROOM_TEAMS_ENDPOINT: connector.origin,
    HEADROOM_ENTRA_ENDPOINT: entra.origin,
  };
  const config = configOf(environment, { settings });
  const desk = configuredDesk(config);
  world = createWorld([slackBot({ token: slack.token, channel: slack.channel, endpoint: slack.endpoint })], {
    policy: policyOf(config, POLICY.limits),
  });
  const bot = configuredTeams(config, {
    hosts: AZURE_CLOUDS.public,
    clock: world.clock,
    random: () => 0.5,
    environment: {},
    place: (id) => findPlace(world.records, id),
  });
  if (bot) Object.assign(world.deps, { senders: [...world.deps.senders, ...bot.senders], teams: bot.teams });
  Object.assign(world.deps, withChat(config, world.deps, desk));
  const verifier = botVerifier({ ...config, endpoints: { TEAMS: openid.origin } }, AZURE_CLOUDS.public, world);
  const exposure = { slack: 'credential', teamsWebhook: 'credential' } as const;
  const ports = commandPortsOf(config, world.deps, desk);
  const route = chatRoute({ config, ports, desk, botVerifier: verifier, exposure });
  app = await serveHttp(route, { host: '127.0.0.1', port: 0 });
  people = slackPeople({ slack, app: app.url, signingSecret: SIGNING_SECRET, now });
  teams = teamsPeople({ app: app.url, secret: WEBHOOK_SECRET, now });
  botPeople = teamsBotPeople({ teams: connector, openid, app: app.url, appId: APP_ID, now });
});
afterEach(async () => {
  await app.close();
  await Promise.all([slack, connector, openid, entra].map((server) => server.close()));
});

/** Works the queue, and lets time pass until nothing waits any more. */
async function settle(minutes = 1): Promise<void> {
  for (let second = 0; second <= minutes * 60; second += 5) {
    for (;;) {
      const deliveries = await world.queue.receive({ max: 8, visibilityMs: 120_000 });
      if (deliveries.length === 0) break;
      for (const delivery of deliveries) {
        await handleDelivery(world.deps, delivery.message);
        await delivery.ack();
      }
    }
    await moveOn(world.clock, 5_000);
  }
}

async function alert(): Promise<string> {
  const received = await receive(world, azureAlert({ firedAt: '2026-11-20T13:59:00.000Z' }));
  if (!received.ok) throw new Error(received.error);
  await settle();
  return received.incidents[0] ?? '';
}

function theMessage() {
  const [message, ...more] = slack.messages;
  if (!message || more.length > 0) throw new Error(`${slack.messages.length} messages stand there`);
  return message;
}

function textOf(message: { blocks: unknown[] }): string {
  return JSON.stringify(message.blocks);
}

function bodyOf(shown: Shown): string {
  if (shown === 'operation_timeout') throw new Error('Slack gave up waiting');
  expect(shown.status).toBe(200);
  return shown.body;
}

const actionsOn = () => buttonsOf(theMessage()).map(({ action_id }) => action_id);

describe('a conversation on Slack', () => {
  test('from the first post to the end, all in one message', async () => {
    const id = await alert();
    expect(actionsOn()).toEqual(['headroom:ack', 'headroom:assign', 'headroom:silence']);
    expect(bodyOf(await people.types('status').send())).toContain(id);

    expect(bodyOf(await people.presses(theMessage(), 'ack').send())).toBe('');
    await settle();
    expect(textOf(theMessage())).toContain('acknowledged by alex');
    expect(actionsOn()).toEqual(['headroom:assign', 'headroom:silence']);

    await people.presses(theMessage(), 'assign').send();
    const [assignment] = slack.desk.views;
    if (!assignment) throw new Error('no form was opened');
    expect(bodyOf(await people.submits(assignment, { 'headroom:person': '@dana' }).send())).toBe('');
    await settle();
    expect(textOf(theMessage())).toContain('assigned to dana');

    await people.presses(theMessage(), 'silence').send();
    const [, silencing] = slack.desk.views;
    if (!silencing) throw new Error('no form was opened');
    await people.submits(silencing, { 'headroom:duration': '30m' }).send();
    await settle();
    expect(textOf(theMessage())).toContain('silenced until');

    expect(bodyOf(await people.types(`resolve ${id}`).send())).toContain('is resolved');
    await settle();
    expect(textOf(theMessage())).toContain('resolved by a person');
    expect(actionsOn()).toEqual([]);
    expect(slack.desk.refused).toEqual([]);
  });

  test('tells who may not press so alone, and changes nothing', async () => {
    await alert();
    for (const who of [EVE, STRANGER]) expect(bodyOf(await people.presses(theMessage(), 'ack', who).send())).toBe('');
    await settle();
    expect(slack.desk.whispers.map(({ body }) => [body['response_type'], body['replace_original']])).toEqual([
      ['ephemeral', false],
      ['ephemeral', false],
    ]);
    expect(JSON.stringify(slack.desk.whispers)).toContain('slack:T0SIMULATED/U0EVE');
    expect(JSON.stringify(slack.desk.whispers)).toContain('members of its own workspace');
    expect((await theIncident(world)).acknowledged).toBeUndefined();
  });

  test('answers what takes long at its own address, once, though Slack sends it twice and out of order', async () => {
    await alert();
    const deeds = ['doctor', 'top kv-contoso', 'timeline kv-contoso'].map((text) => people.types(text));
    for (const deed of deeds.toReversed()) expect(bodyOf(await deed.send())).toContain('The answer follows here');
    await moveOn(world.clock, 2_000);
    for (const deed of deeds) expect(bodyOf(await deed.send())).toBe('');
    await settle();
    expect(slack.desk.whispers.map(({ hook }) => slack.endpoint + hook).sort()).toEqual(
      deeds.map(({ hook }) => hook).sort(),
    );
  });

  test('is the same where Slack opens no form in time: what to type is said instead', async () => {
    const id = await alert();
    slack.weather.next = ({ path }) => (path.includes('views.open') ? { hang: 'before' } : undefined);
    const shown = await people.presses(theMessage(), 'silence').send();
    expect(bodyOf(shown)).toBe('');
    await settle();
    expect(JSON.stringify(slack.desk.whispers)).toContain(`/headroom silence ${id} 1h`);
  });
});

describe('with one of ten answers of Slack and of Teams failing', () => {
  const FAULTS: readonly Fault[] = [
    { status: 500 },
    { status: 429, headers: { 'retry-after': '1' } },
    { cut: 'before' },
    { cut: 'after' },
  ];

  /** @returns how often it has failed so far, and how often of these after it had done what it was asked for */
  function failOneOfTen(server: Pick<FaultyServer, 'weather'>, seed: number): { struck: number; lost: number } {
    let asked = 0;
    const failed = { struck: 0, lost: 0 };
    server.weather.next = () => {
      asked += 1;
      if (asked % 10 !== seed) return undefined;
      failed.struck += 1;
      const fault = FAULTS[(failed.struck + seed) % FAULTS.length];
      if (fault && 'cut' in fault && fault.cut === 'after') failed.lost += 1;
      return fault;
    };
    return failed;
  }

  /** What was said of one thing: at least once, and all but one of it marked as what may be a repeat. @returns how often it was repeated */
  function repeatsIn(heard: readonly unknown[]): number {
    expect(heard.length).toBeGreaterThanOrEqual(1);
    const unmarked = heard.filter((one) => !JSON.stringify(one).includes('may be a repeat'));
    expect(unmarked.length).toBeLessThanOrEqual(1);
    return heard.length - 1;
  }

  /** The incident's own messages in the Teams channel. */
  const onChannel = () => connector.messages.filter(({ conversation }) => conversation === connector.channel);
  const fail = (): never => {
    throw new Error('nothing was posted to Teams');
  };

  test.each([1, 2, 3])(
    'whole conversations on both platforms lose nothing, and repeat nothing unmarked (seed %i)',
    async (seed) => {
      const random = seededRandom(seed);
      const failed = { slack: failOneOfTen(slack, seed), teams: failOneOfTen(connector, seed) };
      connector.members.set(EVE_ON_TEAMS.userId, { tenantId: TENANT, userRole: 'user' });
      expect(await botPeople.adds().send()).toMatchObject({ status: 200 });
      const id = await alert();
      await settle(10);
      const questions = Array.from({ length: 12 }, () => people.types('doctor'));
      const refusals = Array.from({ length: 8 }, () => people.presses(theMessage(), 'ack', EVE));
      const repeats = [...questions, ...refusals].filter(() => random() < 0.3);
      const asked = Array.from({ length: 10 }, () => botPeople.says(`why ${id}`));
      const refusedOnTeams = Array.from({ length: 8 }, () => botPeople.says(`ack ${id}`, EVE_ON_TEAMS));
      const twice = [...asked, ...refusedOnTeams].filter(() => random() < 0.3);
      const onTeams = Array.from({ length: 6 }, () => teams.says(`why ${id}`));
      const order = [...questions, ...refusals, ...repeats].sort(() => random() - 0.5);
      const [shown, cards, taken] = await Promise.all([
        Promise.all(order.map((deed) => deed.send())),
        Promise.all(onTeams.map((message) => message.send())),
        Promise.all(
          [...asked, ...refusedOnTeams, ...twice].sort(() => random() - 0.5).map((message) => message.send()),
        ),
        people.presses(theMessage(), 'ack').send(),
      ]);
      expect(taken.every((one) => one !== 'no answer' && one.status === 200)).toBe(true);
      const press = await botPeople.presses(onChannel()[0] ?? fail(), 'silence', { duration: '15m' }).send();
      expect(press).toMatchObject({ status: 200, body: expect.stringContaining('silenced until') });
      // A repeat in the same second carries the same signature, which is a replay.
      expect(shown.every((one) => one !== 'operation_timeout' && [200, 401].includes(one.status))).toBe(true);
      expect(
        cards.every((one) => typeof one === 'object' && one.status === 200 && one.body.includes('kv-contoso')),
      ).toBe(true);
      await settle(20);

      const onSlack = [...questions, ...refusals].map(({ hook }) =>
        repeatsIn(slack.desk.whispers.filter((whisper) => slack.endpoint + whisper.hook === hook)),
      );
      const inThreads = asked.map(({ thread }) =>
        repeatsIn(connector.messages.filter(({ conversation }) => conversation === thread)),
      );
      const alone = refusedOnTeams.map(({ thread }) =>
        repeatsIn(connector.whispers.filter(({ conversation }) => conversation === thread)),
      );
      expect(JSON.stringify(connector.messages)).not.toContain(EVE_ON_TEAMS.objectId);
      expect(textOf(theMessage())).toContain('acknowledged by alex');
      // A bot cannot ask what stands there: a first post whose answer was lost is repeated, and says so.
      const last = onChannel().at(-1);
      expect(JSON.stringify(last?.activity)).toContain('acknowledged by alex');
      if (onChannel().length > 1) expect(JSON.stringify(last?.activity)).toContain('may be a repeat');
      expect(await world.queue.depth()).toEqual({ waiting: 0, dead: 0 });
      for (const { struck } of Object.values(failed)) expect(struck).toBeGreaterThanOrEqual(2);
      // The one gap: what was done, and whose answer was lost. Nothing else is ever repeated.
      const sum = (counts: number[]): number => counts.reduce((all, count) => all + count, 0);
      expect(slack.messages).toHaveLength(1);
      expect(sum(onSlack)).toBeLessThanOrEqual(failed.slack.lost);
      expect(sum([...inThreads, ...alone]) + onChannel().length - 1).toBeLessThanOrEqual(failed.teams.lost);
    },
  );
});
