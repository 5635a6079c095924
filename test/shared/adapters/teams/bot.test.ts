import { afterEach, describe, expect, test } from 'vitest';
import { teamsBot } from '../../../../shared/adapters/teams/bot.ts';
import { teamsConnector } from '../../../../shared/adapters/teams/connector.ts';
import { botSecretCredential, botTokens } from '../../../../shared/adapters/teams/tokens.ts';
import { renderTeamsThread } from '../../../../shared/chat/teams/thread.ts';
import type { Random } from '../../../../shared/ports.ts';
import { guardCredential } from '../../../../shared/secrets/token.ts';
import { startEntraTokenServer } from '../../../../simulation/servers/entra-token.ts';
import { type SimulatedServer, startServer } from '../../../../simulation/servers/http-server.ts';
import { startTeamsBotServer, TENANT, type TeamsBotServer } from '../../../../simulation/servers/teams-bot.ts';
import { chatSenderContract, renderedFor } from '../../../contract/chat-sender.ts';
import { fakeClock } from '../../../kit.ts';
import { incident } from '../../chat/incidents.ts';

const APP = '0a1b2c3d-1111-4222-8333-444455556666';
const PASSWORD = 's3cret-of-the-bot';
const SCOPE = 'https://api.botframework.com/.default';

function tokensAt(authority: string): () => Promise<string> {
  const clock = fakeClock();
  const timing = {
    now: clock.now,
    sleep: () => new Promise<void>(() => undefined),
    idle: () => new Promise<void>(() => undefined),
  };
  const random: Random = () => 0.5;
  const secret = botSecretCredential({ authority, tenantId: TENANT, appId: APP, password: PASSWORD }, clock.now);
  return botTokens(guardCredential(secret, timing, random), SCOPE, secret.refusal);
}

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

async function startAll(now?: () => number): Promise<{ teams: TeamsBotServer; entra: SimulatedServer }> {
  const teams = await startTeamsBotServer(now ? { now } : {});
  const entra = await startEntraTokenServer({ identity: { appId: APP, objectId: APP, tenantId: TENANT } });
  open.push(teams, entra);
  return { teams, entra };
}

function botIn(teams: TeamsBotServer, authority: string, timeoutMs = 4_000) {
  const place = { serviceUrl: teams.serviceUrl, conversationId: teams.channel };
  const connector = teamsConnector(tokensAt(authority));
  return teamsBot({ conversationId: teams.channel, connector, place: async () => place, timeoutMs });
}

chatSenderContract('a Teams bot', { canEdit: true, canFind: false, network: true }, async ({ timeoutMs }) => {
  const { teams, entra } = await startAll();
  return {
    sender: botIn(teams, entra.origin, timeoutMs),
    standing: () => teams.messages.length,
    fail: (fault) => teams.faults.push(fault),
    secrets: [PASSWORD, 'Bearer'],
    close: async () => undefined,
  };
});

describe('a Teams bot', () => {
  test('edits in place what it posted, in the thread of its own', async () => {
    const { teams, entra } = await startAll();
    const sender = botIn(teams, entra.origin);
    const { ref } = await sender.post(renderedFor(sender, incident()));
    expect(ref).toBe(`${teams.channel}|${teams.messages[0]?.id}`);
    await sender.edit(ref ?? '', renderedFor(sender));
    expect(teams.messages.map(({ edits, activity }) => [edits, activity['type'], typeof activity['summary']])).toEqual([
      [1, 'message', 'string'],
    ]);
  });

  test('answers below what it posted', async () => {
    const { teams, entra } = await startAll();
    const sender = botIn(teams, entra.origin);
    const { ref } = await sender.post(renderedFor(sender, incident()));
    await sender.reply?.(ref ?? '', renderTeamsThread({ lines: ['It is over'] }));
    const [post, reply] = teams.messages;
    expect(reply?.conversation).toBe(`${teams.channel};messageid=${post?.id}`);
    expect(reply?.activity['summary']).toBe('It is over');
  });

  test('says that a message is gone', async () => {
    const { teams, entra } = await startAll();
    const sender = botIn(teams, entra.origin);
    const { ref } = await sender.post(renderedFor(sender));
    teams.remove(teams.messages[0]?.id ?? '');
    await expect(sender.edit(ref ?? '', renderedFor(sender))).rejects.toMatchObject({ kind: 'not-found' });
  });

  test('is to try again after 412, and to wait when one thread takes no more', async () => {
    const { teams, entra } = await startAll(() => 0);
    const sender = botIn(teams, entra.origin);
    teams.faults.push({ status: 412 });
    await expect(sender.post(renderedFor(sender))).rejects.toMatchObject({ kind: 'unavailable' });
    for (let count = 0; count < 7; count += 1) await sender.post(renderedFor(sender));
    await expect(sender.post(renderedFor(sender))).rejects.toMatchObject({ kind: 'throttled', retryAfterMs: 1_000 });
  });

  test('takes an answer without an id for a message that may stand there', async () => {
    const { teams, entra } = await startAll();
    teams.faults.push({ status: 200, body: '{}' });
    const sender = botIn(teams, entra.origin);
    await expect(sender.post(renderedFor(sender))).rejects.toMatchObject({ kind: 'timed-out' });
  });

  test('was added nowhere: a person has to', async () => {
    const { entra } = await startAll();
    const connector = teamsConnector(tokensAt(entra.origin));
    const sender = teamsBot({ conversationId: null, connector, place: async () => null });
    expect(sender.key).toBe('teams-bot');
    await expect(sender.post(renderedFor(sender))).rejects.toMatchObject({
      kind: 'denied',
      nextStep: expect.stringContaining('Add it to the team'),
    });
  });
});

describe('the token of a Teams bot', () => {
  test('is asked for once, for many calls at once', async () => {
    let asked = 0;
    const entra = await startServer(({ response, body }) => {
      asked += 1;
      expect(Object.fromEntries(new URLSearchParams(body))).toEqual({
        grant_type: 'client_credentials',
        client_id: APP,
        client_secret: PASSWORD,
        scope: SCOPE,
      });
      response.end(JSON.stringify({ access_token: 'a-token', expires_in: 3_599, token_type: 'Bearer' }));
    });
    open.push(entra);
    const token = tokensAt(entra.origin);
    expect(await Promise.all([token(), token(), token()])).toEqual(['a-token', 'a-token', 'a-token']);
    expect([await token(), asked]).toEqual(['a-token', 1]);
  });

  test.each([
    [401, '{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret"}', 'denied'],
    [400, '{"error":"unauthorized_client"}', 'denied'],
    [400, '<html>', 'denied'],
    [503, '', 'unavailable'],
    [200, '{}', 'unavailable'],
  ])('is refused with %i %s: %s', async (status, body, kind) => {
    const entra = await startServer(({ response }) => response.writeHead(status).end(body));
    open.push(entra);
    const failure = await tokensAt(entra.origin)().catch((error: unknown) => error);
    expect(failure).toMatchObject({ kind });
    expect(String(failure)).not.toMatch(/AADSTS|html|s3cret/);
  });
});
