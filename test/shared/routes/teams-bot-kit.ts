import { expect } from 'vitest';
import { type HttpServer, serveHttp } from '../../../local/http-server.ts';
import { botVerifier } from '../../../shared/adapters/entra/configured.ts';
import { configuredDesk } from '../../../shared/adapters/slack/desk.ts';
import { configuredTeams } from '../../../shared/adapters/teams/configured.ts';
import { AZURE_CLOUDS } from '../../../shared/config/clouds.ts';
import { handleDelivery } from '../../../shared/pipeline/handle-delivery.ts';
import { policyOf } from '../../../shared/pipeline/policy.ts';
import { findPlace } from '../../../shared/pipeline/teams-places.ts';
import { chatRoute } from '../../../shared/routes/chat.ts';
import { commandPortsOf, withChat } from '../../../shared/routes/command-ports.ts';
import { startEntraTokenServer } from '../../../simulation/servers/entra-token.ts';
import { type OpenIdServer, startOpenIdServer } from '../../../simulation/servers/openid.ts';
import {
  startTeamsBotServer,
  TENANT,
  type TeamsBotMessage,
  type TeamsBotServer,
} from '../../../simulation/servers/teams-bot.ts';
import { type TeamsSeen, teamsBotPeople } from '../../../simulation/servers/teams-bot-people.ts';
import { configOf } from '../config/kit.ts';
import { azureAlert, createWorld, moveOn, POLICY, receive, type World } from '../pipeline/kit.ts';

export const APP_ID = '0a1b2c3d-1111-4222-8333-444455556666';
export const EVE = { userId: '29:eve', name: 'Eve', objectId: '11111111-9999-9999-9999-999999999999' };
export const GUEST = { userId: '29:guest', name: 'Mallory', objectId: '22222222-9999-9999-9999-999999999999' };

export type BotWorld = {
  teams: TeamsBotServer;
  openid: OpenIdServer;
  world: World;
  people: ReturnType<typeof teamsBotPeople>;
  /** An alert, told. @returns the incident's id */
  alert(): Promise<string>;
  /** Works the queue, and lets time pass until nothing waits any more. */
  settle(minutes?: number): Promise<void>;
  close(): Promise<void>;
};

/** The whole of Headroom behind HTTP with the Bot Framework on the other side; time moves when it is told to. */
export async function openBotWorld(): Promise<BotWorld> {
  const clock = (): number => world.clock.now();
  const teams = await startTeamsBotServer({ now: clock });
  const openid = await startOpenIdServer({ endorsements: ['msteams'] });
  const entra = await startEntraTokenServer({
    identity: { appId: APP_ID, objectId: APP_ID, tenantId: TENANT },
    now: clock,
  });
  teams.members.set(EVE.userId, { tenantId: TENANT, userRole: 'user' });
  teams.members.set(GUEST.userId, { tenantId: TENANT, userRole: 'guest' });
  const settings = {
    scopes: ['00000000-0000-0000-0000-000000000000'],
    approvers: [{ people: ['entra:99999999-9999-9999-9999-999999999999'], actions: ['*'] }],
  };
  const environment = {
    HEADROOM_TEAMS_APP_ID: APP_ID,
    HEADROOM_TEAMS_APP_PASSWORD: 'a-client-secret',
    HEADROOM_TEAMS_TENANT_ID: TENANT,
    HEADROOM_ENTRA_ENDPOINT: entra.origin,
    HEADROOM_TEAMS_ENDPOINT: teams.origin,
  };
  const config = configOf(environment, { settings });
  const cloud = AZURE_CLOUDS[config.cloud];
  const world: World = createWorld([], { policy: policyOf(config, POLICY.limits) });
  const bot = configuredTeams(config, {
    hosts: cloud,
    clock: world.clock,
    random: () => 0.5,
    environment: {},
    place: (id) => findPlace(world.records, id),
  });
  if (!bot) throw new Error('no bot is configured');
  Object.assign(world.deps, { senders: bot.senders, teams: bot.teams });
  const desk = configuredDesk(config);
  Object.assign(world.deps, withChat(config, world.deps, desk));
  // Keys come from the issuer's own server, everything else from the connector.
  const verifier = botVerifier({ ...config, endpoints: { TEAMS: openid.origin } }, cloud, world);
  const exposure = { slack: 'refused', teamsWebhook: 'refused' } as const;
  const ports = commandPortsOf(config, world.deps, desk);
  const route = chatRoute({ config, ports, desk, botVerifier: verifier, exposure });
  const app: HttpServer = await serveHttp(route, { host: '127.0.0.1', port: 0 });

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

  return {
    teams,
    openid,
    world,
    people: teamsBotPeople({ teams, openid, app: app.url, appId: APP_ID, now: clock }),
    settle,
    async alert() {
      const received = await receive(world, azureAlert({ firedAt: '2026-11-20T13:59:00.000Z' }));
      if (!received.ok) throw new Error(received.error);
      await settle();
      return received.incidents[0] ?? '';
    },
    async close() {
      await Promise.all([app.close(), teams.close(), openid.close(), entra.close()]);
    },
  };
}

export const textOf = (value: unknown): string => JSON.stringify(value);

/** The incident's one message: no answer in a thread is one. */
export function theMessageOf({ teams }: BotWorld): TeamsBotMessage {
  const [message, ...more] = teams.messages.filter(({ conversation }) => conversation === teams.channel);
  if (!message || more.length > 0) throw new Error(`${teams.messages.length} messages stand there`);
  return message;
}

/** What stands in a thread, for all to read. */
export function answersOf({ teams }: BotWorld, thread: string): string[] {
  return teams.messages.filter(({ conversation }) => conversation === thread).map(({ activity }) => textOf(activity));
}

/** What a press was answered with. */
export function invoked(seen: TeamsSeen): { type: string; value: unknown } {
  if (seen === 'no answer') throw new Error('Teams gave up waiting');
  expect(seen.status).toBe(200);
  const answer: { statusCode: number; type: string; value: unknown } = JSON.parse(seen.body);
  expect(answer.statusCode).toBe(200);
  return answer;
}
