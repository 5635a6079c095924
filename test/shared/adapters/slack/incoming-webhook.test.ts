import { afterEach, describe, expect, test } from 'vitest';
import { slackWebhook } from '../../../../shared/adapters/slack/incoming-webhook.ts';
import { startSlackServer } from '../../../../simulation/servers/slack.ts';
import { chatSenderContract, renderedFor } from '../../../contract/chat-sender.ts';

chatSenderContract(
  'an incoming webhook of Slack',
  { canEdit: false, canFind: false, network: true },
  async ({ timeoutMs }) => {
    const server = await startSlackServer({ nativeCharts: false });
    return {
      sender: slackWebhook({ url: server.webhookUrl, timeoutMs }),
      standing: () => server.messages.length,
      fail: (fault) => server.faults.push(fault),
      secrets: ['simulatedwebhooksecret'],
      close: server.close,
    };
  },
);

describe('an incoming webhook of Slack', () => {
  const servers: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  test.each([
    [404, 'no_service'],
    [404, 'channel_not_found'],
    [403, 'action_prohibited'],
    [410, 'channel_is_archived'],
  ])('needs a person when Slack answers %d %s, and says what to do', async (status, body) => {
    const server = await startSlackServer();
    servers.push(server);
    server.faults.push({ status, body });
    const sender = slackWebhook({ url: server.webhookUrl });
    await expect(sender.post(renderedFor(sender))).rejects.toMatchObject({
      kind: 'denied',
      message: `the Slack webhook answered ${status} (${body})`,
      nextStep: expect.stringContaining('HEADROOM_SLACK_WEBHOOK_URL'),
    });
  });

  test('tells a server that is not there from one that may have taken the message', async () => {
    const server = await startSlackServer();
    servers.push(server);
    const sender = slackWebhook({ url: server.webhookUrl });
    server.faults.push({ cut: 'after' });
    await expect(sender.post(renderedFor(sender))).rejects.toMatchObject({ kind: 'timed-out' });
    const gone = await startSlackServer();
    await gone.close();
    const toNobody = slackWebhook({ url: gone.webhookUrl });
    await expect(toNobody.post(renderedFor(toNobody))).rejects.toMatchObject({ kind: 'unavailable' });
  });

  test('keeps its path when an endpoint stands in for Slack', async () => {
    const server = await startSlackServer();
    servers.push(server);
    const path = new URL(server.webhookUrl).pathname;
    const sender = slackWebhook({ url: `https://hooks.slack.com${path}`, endpoint: server.origin });
    await sender.post(renderedFor(sender));
    expect(server.messages).toHaveLength(1);
  });

  test.each([
    ['no URL', 'not a url with s3cret'],
    ['plain http', 'http://hooks.slack.com/services/T0/B0/s3cret'],
    ['a user name', 'https://me:s3cret@hooks.slack.com/services/T0/B0/x'],
  ])('refuses an address that is %s without repeating it', (_what, url) => {
    expect(() => slackWebhook({ url })).toThrow(/HEADROOM_SLACK_WEBHOOK_URL/);
    expect(() => slackWebhook({ url })).not.toThrow(/s3cret/);
  });

  test('shows whether it stands without posting anything', async () => {
    const server = await startSlackServer();
    servers.push(server);
    expect(await slackWebhook({ url: server.webhookUrl }).probe?.()).toContain('the webhook stands');
    await expect(slackWebhook({ url: `${server.origin}/services/T0/B0/gone` }).probe?.()).rejects.toMatchObject({
      kind: 'denied',
      message: 'the Slack webhook answered 404 (no_service)',
      nextStep: expect.stringContaining('HEADROOM_SLACK_WEBHOOK_URL'),
    });
    server.faults.push({ status: 200, body: 'ok' });
    await expect(slackWebhook({ url: server.webhookUrl }).probe?.()).rejects.toMatchObject({ kind: 'invalid' });
    expect(server.messages).toEqual([]);
  });

  test('is told apart from another by its name', () => {
    expect(slackWebhook({ url: 'https://hooks.slack.com/services/a', name: 'ops' }).key).toBe('slack-webhook:ops');
  });
});
