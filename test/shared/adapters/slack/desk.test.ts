import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { slackDesk } from '../../../../shared/adapters/slack/desk.ts';
import { type SlackServer, startSlackServer } from '../../../../simulation/servers/slack.ts';

const VIEW = {
  type: 'modal',
  title: { type: 'plain_text', text: 'Silence' },
  private_metadata: 'k3f7q2ab',
  blocks: [],
};

let slack: SlackServer;
beforeEach(async () => {
  slack = await startSlackServer();
});
afterEach(() => slack.close());

const desk = () => slackDesk({ token: slack.token, endpoint: slack.endpoint });

describe('a form', () => {
  test('is opened for a trigger, once', async () => {
    const trigger = slack.desk.newTrigger();
    await desk().openView(trigger, VIEW);
    expect(slack.desk.views).toMatchObject([{ triggerId: trigger, view: { private_metadata: 'k3f7q2ab' } }]);
    await expect(desk().openView(trigger, VIEW)).rejects.toMatchObject({ kind: 'invalid' });
  });

  test('is not opened without a token, and that says what to set', async () => {
    await expect(slackDesk({ endpoint: slack.endpoint }).openView('1', VIEW)).rejects.toMatchObject({
      kind: 'denied',
      nextStep: expect.stringContaining('HEADROOM_SLACK_BOT_TOKEN'),
    });
  });

  test('of which Slack says nothing fails within the time that a trigger leaves', async () => {
    slack.faults.push({ hang: 'before' });
    await expect(desk().openView(slack.desk.newTrigger(), VIEW)).rejects.toMatchObject({ kind: 'timed-out' });
  });
});

describe('an answer', () => {
  test('is posted to its address, at most five times', async () => {
    const hook = slack.desk.newHook('commands');
    for (let use = 0; use < 5; use += 1) await desk().respond(hook, { text: `${use}` });
    expect(slack.desk.whispers.map(({ body }) => body['text'])).toEqual(['0', '1', '2', '3', '4']);
    await expect(desk().respond(hook, { text: '5' })).rejects.toMatchObject({ kind: 'denied' });
  });

  test.each([
    [
      { status: 429, headers: { 'retry-after': '7' } },
      { kind: 'throttled', retryAfterMs: 7_000 },
    ],
    [{ status: 500 }, { kind: 'unavailable' }],
    [{ status: 302, headers: { location: 'http://127.0.0.1:1/' } }, { kind: 'invalid' }],
  ])('that meets %j fails as such, without its address', async (fault, expected) => {
    slack.faults.push(fault);
    const hook = slack.desk.newHook('commands');
    const error: unknown = await desk()
      .respond(hook, { text: 'x' })
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject(expected);
    expect(String(error)).not.toContain(hook);
  });
});

describe('what is asked of Slack', () => {
  test('is whose the token is, once', async () => {
    const one = desk();
    expect([await one.team(), await one.team()]).toEqual(['T0SIMULATED', 'T0SIMULATED']);
    expect(slack.received).toHaveLength(1);
    expect(await slackDesk({ endpoint: slack.endpoint }).team()).toBeNull();
  });

  test('is what it may do, and whether it is in the channel', async () => {
    expect(await desk().scopes()).toEqual(['chat:write', 'commands', 'channels:history']);
    expect(await desk().isIn(slack.channel)).toBe('yes');
    expect(await desk().isIn('C0OTHER')).toBe('no');
    await expect(slackDesk({ token: 'xoxb-wrong', endpoint: slack.endpoint }).scopes()).rejects.toMatchObject({
      kind: 'denied',
    });
  });

  test('is unknown where the token may not ask', async () => {
    const silent = await startSlackServer({ history: false });
    const shy = slackDesk({ token: silent.token, endpoint: silent.endpoint });
    expect([await shy.isIn(silent.channel), await shy.scopes()]).toEqual(['unknown', ['chat:write', 'commands']]);
    await silent.close();
  });
});
