import { expect, test } from 'vitest';
import { buttonsAt } from '../../../shared/chat/buttons.ts';
import { buildMessage } from '../../../shared/chat/message.ts';
import { renderSlack } from '../../../shared/chat/slack/message.ts';
import { renderTeams } from '../../../shared/chat/teams/message.ts';
import { incident } from './incidents.ts';
import { PLAN_CASES } from './plan-cases.ts';

const HEARS = { slackSigningSecret: 'x', teamsAppId: undefined };
const HEARS_TEAMS = { slackSigningSecret: undefined, teamsAppId: 'x' };
const BOT = { key: 'slack-bot:C1', canEdit: true };

test.each([
  ['a bot whose presses can be checked', HEARS, BOT, ['ack', 'assign', 'silence']],
  ['a bot whose presses cannot', HEARS_TEAMS, BOT, []],
  ['a Teams bot', HEARS_TEAMS, { key: 'teams-bot', canEdit: true }, ['ack', 'assign', 'silence']],
  [
    'a Teams bot in a channel',
    HEARS_TEAMS,
    { key: 'teams-bot:19:x@thread.tacv2', canEdit: true },
    ['ack', 'assign', 'silence'],
  ],
  ['an incoming webhook', HEARS, { key: 'slack-webhook', canEdit: false }, []],
  ['Teams', HEARS, { key: 'teams-workflow', canEdit: false }, []],
  ['a terminal', HEARS, { key: 'terminal', canEdit: true }, []],
])('messages of %s have the buttons that can be answered', (_what, config, destination, ids) => {
  expect(buttonsAt(config, destination).map(({ id }) => id)).toEqual(ids);
});

test('a message offers what is still to be done', () => {
  const actions = buttonsAt(HEARS, BOT);
  const offered = (given: Parameters<typeof incident>[0]) =>
    buildMessage(incident(given), { actions }).actions.map(({ id }) => id);
  const at = '2026-11-20T14:05:00.000Z';
  expect(offered({})).toEqual(['ack', 'assign', 'silence']);
  expect(offered({ acknowledged: { at, by: 'dana' } })).toEqual(['assign', 'silence']);
  expect(offered({ lifecycle: { state: 'resolved', at, by: 'person' } })).toEqual([]);
  expect(offered({ verified: false })).toEqual([]);
  expect(offered({ synthetic: 'test' })).toEqual([]);
});

test('one button alone stands out: what is to be approved before what is to be acknowledged; taking back is marked as that', () => {
  const actions = buttonsAt(HEARS, BOT);
  const styles = (name: string) => {
    const message = buildMessage(PLAN_CASES[name] ?? incident(), { actions });
    const slack = renderSlack(message).blocks.flatMap((block) => (block.type === 'actions' ? block.elements : []));
    const teams = renderTeams(message, { buttons: true }).attachments[0].content.actions ?? [];
    return [
      slack.flatMap((button) => ('style' in button && button.style !== undefined ? [button.style] : [])),
      teams.flatMap((button) => ('style' in button && button.style !== undefined ? [button.style] : [])),
    ];
  };
  expect(styles('plan-offered')).toEqual([['primary'], ['positive']]);
  expect(styles('plan-verified')).toEqual([
    ['danger', 'primary'],
    ['destructive', 'positive'],
  ]);
  expect(styles('final-summary')).toEqual([['danger'], ['destructive']]);
});
