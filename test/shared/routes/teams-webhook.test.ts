import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { RouteResponse } from '../../../shared/routes/http.ts';
import { type TeamsWebhookDeps, teamsWebhookRoute } from '../../../shared/routes/teams-webhook.ts';
import recorded from '../../fixtures/teams/outgoing-webhook.json' with { type: 'json' };
import { checkTeamsMessage } from '../chat/check-teams.ts';
import { chatWorld } from '../commands/kit.ts';
import { moveOn } from '../pipeline/kit.ts';
import { jsonOf, requestOf } from './requests.ts';

const KEY = 'a key of thirty-two bytes, or so!';
const TENANT = recorded.activity.channelData.tenant.id;

function teamsWorld(given: Partial<TeamsWebhookDeps> = {}) {
  const chat = chatWorld();
  const ports = { ...chat.deps };
  const access = { kind: 'signed', secrets: [Buffer.from(KEY).toString('base64')] } as const;
  const route = teamsWebhookRoute({ ports, access, bodyBytes: 65_536, privacy: 'masked', ...given });
  let count = 0;

  function send(body: string, authorization?: string): Promise<RouteResponse> {
    const own = `HMAC ${createHmac('sha256', KEY).update(body).digest('base64')}`;
    const headers = { authorization: authorization ?? own };
    return route(requestOf({ method: 'POST', path: '/api/teams/webhook', headers, body }));
  }

  function bodyOf(text: string, fields: object = {}): string {
    count += 1;
    const timestamp = new Date(chat.world.clock.now()).toISOString();
    return JSON.stringify({
      ...recorded.activity,
      id: `m${count}`,
      timestamp,
      text: `<at>headroom</at>&nbsp;${text}`,
      ...fields,
    });
  }

  return {
    ...chat,
    ports,
    route,
    send,
    bodyOf,
    say: (text: string, fields: object = {}) => send(bodyOf(text, fields)),
  };
}

describe('an outgoing webhook', () => {
  test('is answered with a card that it can show', async () => {
    const teams = teamsWorld({ tenantId: TENANT });
    await teams.alert();
    const answer = await teams.say('status');
    expect(answer.status).toBe(200);
    expect(checkTeamsMessage(jsonOf(answer))).toEqual([]);
    expect(answer.body).toContain('1 open incident');
  });

  test('is shown an incident without what needs a button of a bot', async () => {
    const teams = teamsWorld();
    await teams.alert();
    const answer = await teams.say('why kv-contoso');
    expect(checkTeamsMessage(jsonOf(answer))).toEqual([]);
    expect(answer.body).toContain('kv-contoso');
    expect(answer.body).not.toMatch(/ToggleVisibility|"isVisible":false/);
  });

  test.each(['ack', 'assign', 'silence', 'resolve', 'replay'])('never changes anything: %s', async (name) => {
    const teams = teamsWorld();
    const id = await teams.alert();
    expect((await teams.say(`${name} ${id}`)).body).toContain(
      `'${name}' changes something, which this webhook never does`,
    );
    expect((await teams.message(`why ${id}`)).status).not.toMatch(/acknowledged|assigned|silenced|resolved/);
  });

  test('takes an answer within 5 s: one that takes longer says so after 4', async () => {
    const teams = teamsWorld();
    await teams.alert();
    teams.ports.records = { ...teams.ports.records, list: () => new Promise(() => undefined) };
    const asked = teams.say('status');
    for (let turn = 0; turn < 5; turn += 1) await moveOn(teams.world.clock, 1_000);
    expect((await asked).body).toContain('This takes longer than Teams waits');
  });

  test('of another tenant is refused in words', async () => {
    const teams = teamsWorld({ tenantId: '33333333-3333-3333-3333-333333333333' });
    await teams.alert();
    const answer = await teams.say('status');
    expect(answer.status).toBe(200);
    expect(answer.body).toContain('Headroom answers members of its own tenant');
  });
});

describe('who is not the webhook', () => {
  test('gets the same bytes whatever is wrong, and the log the reason', async () => {
    const teams = teamsWorld();
    const body = teams.bodyOf('status');
    const answers = [
      await teams.send(body, 'HMAC AAAA'),
      await teams.send(body, ''),
      await teams.send('{}', 'Bearer x'),
      await teams.say('status', { timestamp: '2026-11-20T13:54:59.000Z' }),
      await teams.say('status', { timestamp: '2026-11-20T14:05:01.000Z' }),
      await teams.say('status', { timestamp: 'now' }),
      await teamsWorld({ access: { kind: 'closed' } }).say('status'),
    ];
    const [first] = answers;
    expect(first?.status).toBe(401);
    expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toEqual(new Set([JSON.stringify(first)]));
    expect(teams.world.log.events.map(({ fields }) => fields['why'])).toEqual([
      'the signature does not fit',
      'not signed',
      'not signed',
      'written too long ago',
      'written in the future',
      'the timestamp is no time',
    ]);
  });

  test('fills no log by going on and on: ten lines a minute', async () => {
    const teams = teamsWorld();
    for (let sent = 0; sent < 30; sent += 1) await teams.send('{}', 'HMAC AAAA');
    expect(teams.world.log.events).toHaveLength(10);
  });

  test('is who sends a message again, also under another signature', async () => {
    const teams = teamsWorld();
    const body = teams.bodyOf('status');
    expect((await teams.send(body)).status).toBe(200);
    expect((await teams.send(body)).status).toBe(401);
    expect((await teams.send(`${body} `)).status).toBe(401);
  });

  test('is answered 413 over the bound and 400 to what is no message', async () => {
    const teams = teamsWorld();
    expect((await teams.send('x'.repeat(65_537), 'HMAC AAAA')).status).toBe(413);
    expect((await teams.send('{"type":"typing"}')).status).toBe(400);
  });
});
