import { afterEach, describe, expect, test } from 'vitest';
import { slackBot } from '../../../../shared/adapters/slack/bot.ts';
import { renderSlackThread } from '../../../../shared/chat/slack/thread.ts';
import { type SlackServer, type SlackServerOptions, startSlackServer } from '../../../../simulation/servers/slack.ts';
import { chatSenderContract, renderedFor } from '../../../contract/chat-sender.ts';
import { incident } from '../../chat/incidents.ts';

const OPENED_MS = Date.parse('2026-11-20T14:03:30.000Z');

chatSenderContract('a Slack bot', { canEdit: true, canFind: true, network: true }, async ({ timeoutMs }) => {
  const server = await startSlackServer({ now: () => OPENED_MS });
  return {
    sender: slackBot({ token: server.token, channel: server.channel, endpoint: server.endpoint, timeoutMs }),
    standing: () => server.messages.length,
    fail: (fault) => server.faults.push(fault),
    secrets: [server.token],
    close: server.close,
  };
});

describe('a Slack bot', () => {
  const servers: SlackServer[] = [];
  const start = async (options: SlackServerOptions = {}) => {
    const server = await startSlackServer({ now: () => OPENED_MS, ...options });
    servers.push(server);
    return server;
  };
  const bot = (server: SlackServer, more: { token?: string; channel?: string } = {}) =>
    slackBot({ token: server.token, channel: server.channel, endpoint: server.endpoint, ...more });
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  test('marks its posts with the incident and the revision, and edits with the new one', async () => {
    const server = await start();
    const sender = bot(server);
    const { ref } = await sender.post(renderedFor(sender, incident({ revision: 1 })));
    expect(server.messages[0]?.metadata).toEqual({
      event_type: 'headroom_incident',
      event_payload: { incident_id: 'inc-20261120-7f3a', revision: 1 },
    });
    await sender.edit(ref ?? '', renderedFor(sender, incident({ revision: 2 })));
    expect(server.messages[0]?.metadata?.event_payload['revision']).toBe(2);
    expect(server.messages[0]?.edits).toBe(1);
  });

  test('draws the chart as text when Slack refuses its own chart block', async () => {
    const server = await start({ nativeCharts: false });
    const sender = bot(server);
    await sender.post(renderedFor(sender));
    const posted = JSON.stringify(server.messages[0]?.blocks);
    expect(server.messages).toHaveLength(1);
    expect(posted).not.toContain('data_visualization');
    expect(posted).toContain('╌ limit 4,000');
  });

  test('sends Slack its own chart where it is taken', async () => {
    const server = await start();
    const sender = bot(server);
    await sender.post(renderedFor(sender));
    expect(JSON.stringify(server.messages[0]?.blocks)).toContain('data_visualization');
    expect(server.received.map((request) => request.body).join()).not.toContain('fallbackBlocks');
  });

  test('finds a post behind many others, page after page', async () => {
    const server = await start();
    const sender = bot(server);
    const { ref } = await sender.post(renderedFor(sender));
    for (let count = 0; count < 450; count++)
      server.messages.push({
        ts: `${OPENED_MS / 1000 + 1}.${String(count).padStart(6, '0')}`,
        text: 'talk',
        blocks: [],
        edits: 0,
      });
    expect(await sender.find('inc-20261120-7f3a', '2026-11-20T14:03:00.000Z')).toEqual({ ref });
  });

  test('gives up asking when more was said since than it may read', async () => {
    const server = await start();
    const sender = bot(server);
    for (let count = 0; count < 1001; count++)
      server.messages.push({
        ts: `${OPENED_MS / 1000 + 1}.${String(count).padStart(6, '0')}`,
        text: 'talk',
        blocks: [],
        edits: 0,
      });
    expect(await sender.find('inc-20261120-7f3a', '2026-11-20T14:03:00.000Z')).toBe('cannot-ask');
  });

  test('overlooks posts from before the incident', async () => {
    const server = await start();
    const sender = bot(server);
    await sender.post(renderedFor(sender));
    expect(await sender.find('inc-20261120-7f3a', '2026-11-20T15:00:00.000Z')).toBe('absent');
  });

  test('cannot ask without the history scope, and posts all the same', async () => {
    const server = await start({ history: false });
    const sender = bot(server);
    await sender.post(renderedFor(sender));
    expect(await sender.find('inc-20261120-7f3a', '2026-11-20T14:03:00.000Z')).toBe('cannot-ask');
    expect(server.messages).toHaveLength(1);
  });

  test('does not take a failed question for an answer', async () => {
    const server = await start();
    const sender = bot(server);
    server.faults.push({ status: 503 });
    await expect(sender.find('inc-1', '2026-11-20T14:03:00.000Z')).rejects.toMatchObject({ kind: 'unavailable' });
  });

  test('says not-found when a person took the message away', async () => {
    const server = await start();
    const sender = bot(server);
    const { ref } = await sender.post(renderedFor(sender));
    server.remove(ref?.split(':')[1] ?? '');
    await expect(sender.edit(ref ?? '', renderedFor(sender))).rejects.toMatchObject({ kind: 'not-found' });
  });

  test.each([
    ['a wrong token', { token: 'xoxb-wrong' }, 'invalid_auth', 'HEADROOM_SLACK_BOT_TOKEN'],
    ['an unknown channel', { channel: 'C404' }, 'channel_not_found', 'HEADROOM_SLACK_CHANNEL'],
  ])('needs a person for %s and says what to do', async (_what, more, code, setting) => {
    const sender = bot(await start(), more);
    await expect(sender.post(renderedFor(sender))).rejects.toMatchObject({
      kind: 'denied',
      message: `Slack refused chat.postMessage: ${code}`,
      nextStep: expect.stringContaining(setting),
    });
  });

  test.each([
    ['ratelimited', 'throttled'],
    ['internal_error', 'unavailable'],
    ['missing_scope', 'denied'],
    ['is_archived', 'denied'],
    ['msg_too_long', 'invalid'],
    ['a_code_of_tomorrow', 'invalid'],
  ])('maps the error code %s to %s', async (code, kind) => {
    const server = await start();
    server.faults.push({
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ok: false, error: code }),
    });
    const sender = bot(server);
    await expect(sender.post(renderedFor(sender, incident()))).rejects.toMatchObject({ kind });
  });

  test('takes a page that is no answer of Slack for an outage and repeats nothing of it', async () => {
    const server = await start();
    server.faults.push({ status: 200, body: '<html>s3cret portal</html>' });
    const sender = bot(server);
    const failure = await sender.post(renderedFor(sender)).catch((error: unknown) => error);
    expect(failure).toMatchObject({ kind: 'unavailable' });
    expect(JSON.stringify(failure) + String(failure)).not.toContain('s3cret');
  });

  test('answers below its message, and to the channel too where somebody is mentioned', async () => {
    const server = await start();
    const sender = bot(server);
    const { ref } = await sender.post(renderedFor(sender, incident()));
    const entry = { id: 'ack', lines: ['Acknowledged by <!channel> & co', 'so be it'], mention: false, byPerson: true };
    await sender.reply?.(ref ?? '', renderSlackThread(entry));
    await sender.reply?.(ref ?? '', renderSlackThread({ ...entry, mention: true }));
    const [plain, called] = server.replies;
    expect([server.messages.length, server.replies.length, plain?.thread]).toEqual([1, 2, ref?.split(':')[1]]);
    expect(plain?.text).toBe('Acknowledged by &lt;!channel&gt; &amp; co\nso be it');
    expect(JSON.stringify(plain?.blocks)).not.toContain('broadcast');
    expect(JSON.stringify(called?.blocks)).toContain('"range":"here"');
    expect(server.received.at(-1)?.body).toContain('reply_broadcast');
    server.remove(ref?.split(':')[1] ?? '');
    await expect(sender.reply?.(ref ?? '', renderSlackThread(entry))).rejects.toBeInstanceOf(Error);
  });
});
