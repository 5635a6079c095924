import { afterEach, describe, expect, test } from 'vitest';
import { configuredTeams, type TeamsChoices } from '../../../../shared/adapters/teams/configured.ts';
import { AZURE_CLOUDS } from '../../../../shared/config/clouds.ts';
import { type SimulatedServer, sendJson, startServer } from '../../../../simulation/servers/http-server.ts';
import { startTeamsBotServer, TENANT } from '../../../../simulation/servers/teams-bot.ts';
import { fakeClock } from '../../../kit.ts';

const APP = '0a1b2c3d-1111-4222-8333-444455556666';
const BARE: TeamsChoices = {
  teamsAppId: APP,
  teamsAppPassword: undefined,
  teamsTenantId: TENANT,
  settings: { routes: [] },
  endpoints: {},
};

const open: Pick<SimulatedServer, 'close'>[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

const reach = (environment: Record<string, string> = {}, serviceUrl = '') => ({
  hosts: AZURE_CLOUDS.public,
  clock: fakeClock(),
  random: () => 0.5,
  environment,
  place: async (id: string | null) => ({ serviceUrl, conversationId: id ?? 'default' }),
});

const keysOf = (choices: Partial<TeamsChoices>) =>
  configuredTeams({ ...BARE, ...choices }, reach())?.senders.map(({ key }) => key);

describe('a Teams bot', () => {
  test.each([
    ['where none is named', [], ['teams-bot']],
    ['where only the kind is named', [{ to: ['teams-bot', '*', 'slack-bot:C1'] }], ['teams-bot']],
    [
      'to each channel that is named, once',
      [
        { to: ['teams-bot:19:a@thread.tacv2'] },
        { to: [{ destination: 'teams-bot:19:b@thread.tacv2' }, 'teams-bot:19:a@thread.tacv2'] },
      ],
      ['teams-bot:19:a@thread.tacv2', 'teams-bot:19:b@thread.tacv2'],
    ],
    ['to nothing that is no channel', [{ to: ['teams-bot:general'] }], ['teams-bot']],
  ])('posts %s', (_what, routes, keys) => {
    expect(keysOf({ settings: { routes } })).toEqual(keys);
  });

  test('is none without application and tenant', () => {
    expect(keysOf({ teamsAppId: undefined })).toBeUndefined();
    expect(keysOf({ teamsTenantId: undefined })).toBeUndefined();
  });

  test('without a password speaks as the user-assigned identity that it was made with', async () => {
    const asked: URLSearchParams[] = [];
    const identity = await startServer(({ response, url }) => {
      asked.push(url.searchParams);
      sendJson(response, 200, {
        access_token: 'of-the-identity',
        expires_on: String(Math.floor(fakeClock().now() / 1_000) + 3_600),
      });
    });
    const teams = await startTeamsBotServer();
    open.push(identity, teams);
    const environment = {
      IDENTITY_ENDPOINT: `${identity.origin}/msi/token`,
      IDENTITY_HEADER: 'x',
      AZURE_CLIENT_ID: 'of-the-reader',
    };
    const bot = configuredTeams(BARE, reach(environment, teams.serviceUrl));
    await bot?.teams.probe();
    await bot?.teams.say(
      { serviceUrl: teams.serviceUrl, conversationId: teams.channel },
      { type: 'message', text: 'x' },
    );
    expect(asked.map((query) => [query.get('client_id'), query.get('resource')])).toEqual([
      [APP, 'https://api.botframework.com'],
    ]);
    expect(teams.received.map(({ headers }) => headers.authorization)).toEqual(['Bearer of-the-identity']);
  });
});
