import { expect, test } from 'vitest';
import { createSenders } from '../../../shared/adapters/senders.ts';
import { readConfig } from '../../../shared/config.ts';

const CHAT = {
  HEADROOM_SLACK_BOT_TOKEN: 'xoxb-0-0-x',
  HEADROOM_SLACK_CHANNEL: 'C1',
  HEADROOM_SLACK_WEBHOOK_URL: 'https://hooks.slack.example/T/B/x',
  HEADROOM_TEAMS_WORKFLOW_URL: 'https://w.example/?sig=x',
};

function problemsOf(to: unknown, environment: Record<string, string> = CHAT): string[] {
  const read = readConfig({ environment, cloud: 'local', settings: { routes: [{ to: ['*'] }, { to: [to] }] } });
  return read.ok ? [] : read.problems.map(({ problem, nextStep }) => `${problem}. ${nextStep}`);
}

test.each(['*', 'slack-bot', 'slack-bot:C1', 'slack-webhook', 'teams-workflow'])('a route may name %s', (to) => {
  expect([problemsOf(to), problemsOf({ destination: to, privacy: 'full' })]).toEqual([[], []]);
});

test.each(['slack-bto', 'slack-bot:C2', 'teams-bot', 'terminal', ''])('a route may not name %j where chat is', (to) => {
  const [first] = problemsOf(to);
  expect(first).toMatch(/^routes\[1\]\.to\[0\]/);
});

test('the problem has the path of a destination with its privacy, and names those that there are', () => {
  expect(problemsOf({ destination: 'slack-bot:C2', privacy: 'full' })).toEqual([
    'routes[1].to[0].destination names no destination that is configured. Name one of slack-bot:C1, slack-webhook, teams-workflow, or *.',
  ]);
});

test('without any chat, as where somebody only explains, every known kind may stand there', () => {
  expect(problemsOf('slack-bot:C2', {})).toEqual([]);
  expect(problemsOf('slack-bto', {})).toHaveLength(1);
});

test('every destination that is made can be named', () => {
  const read = readConfig({ environment: CHAT, cloud: 'local' });
  if (!read.ok) throw new Error('the configuration is wrong');
  const keys = createSenders(read.config).map(({ key }) => key);
  expect(keys.length).toBe(3);
  expect(keys.flatMap((key) => problemsOf(key))).toEqual([]);
});

const DANA = { id: 'dana@contoso.com', name: 'Dana' };
test.each<[string, unknown]>([
  ['slack-bot:C1', 'here'],
  ['slack-bot', 'channel'],
  ['slack-webhook', { user: 'U0ALEX' }],
  ['slack-bot', { userGroup: 'S0ONCALL' }],
  ['teams-workflow', DANA],
  ['teams-workflow', 'none'],
  ['*', DANA],
])('%s may mention %j', (destination, mention) => {
  expect(problemsOf({ destination, mention })).toEqual([]);
});

test.each<[string, unknown, string]>([
  ['teams-workflow', 'here', 'On Teams name a person'],
  ['slack-bot:C1', DANA, 'On Slack name here'],
])('%s cannot mention %j, which is said with its path', (destination, mention, said) => {
  const [first] = problemsOf({ destination, mention });
  expect(first).toMatch(/^routes\[1\]\.to\[0\]\.mention calls somebody whom its destination cannot mention/);
  expect(first).toContain(said);
});
