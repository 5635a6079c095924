import { expect, test } from 'vitest';
import { configuredDestinations } from '../../../shared/adapters/destinations.ts';
import { configuredTeams } from '../../../shared/adapters/teams/configured.ts';
import { AZURE_CLOUDS } from '../../../shared/config/clouds.ts';
import { fakeClock } from '../../kit.ts';
import { configOf } from '../config/kit.ts';

const BOTS = {
  HEADROOM_SLACK_BOT_TOKEN: 'xoxb-0-0-x',
  HEADROOM_SLACK_CHANNEL: 'C1',
  HEADROOM_TEAMS_WORKFLOW_URL: 'https://w.example/?sig=x',
  HEADROOM_TEAMS_APP_ID: '0a1b2c3d-1111-4222-8333-444455556666',
  HEADROOM_TEAMS_APP_PASSWORD: 'x',
  HEADROOM_TEAMS_TENANT_ID: '22222222-2222-2222-2222-222222222222',
};

test('everything that messages go to is named, the bot of Teams included', () => {
  expect(configuredDestinations(configOf(BOTS))).toEqual([
    { key: 'slack-bot:C1', canEdit: true },
    { key: 'teams-workflow', canEdit: false },
    { key: 'teams-bot', canEdit: true },
  ]);
  expect(configuredDestinations(configOf({}))).toEqual([]);
});

test('the bot’s channels are those that its senders post to', () => {
  const routes = [{ to: ['teams-bot:19:a@thread.tacv2', 'teams-bot:19:b@thread.tacv2'] }];
  const config = configOf(BOTS, { settings: { routes } });
  const bot = configuredTeams(config, {
    hosts: AZURE_CLOUDS.public,
    clock: fakeClock(),
    random: () => 0.5,
    environment: {},
    place: async () => null,
  });
  const keys = configuredDestinations(config).map(({ key }) => key);
  expect(keys.filter((key) => key.startsWith('teams-bot'))).toEqual(bot?.senders.map(({ key }) => key));
});
