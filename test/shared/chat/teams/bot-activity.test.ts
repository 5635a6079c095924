import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readBotActivity } from '../../../../shared/chat/teams/bot-activity.ts';
import { isTeamsService } from '../../../../shared/chat/teams/service-url.ts';
import { AZURE_CLOUDS } from '../../../../shared/config/clouds.ts';

const BOT = { id: '28:0a1b2c3d-1111-4222-8333-444455556666', name: 'headroom' };
const ACTIVITY = {
  type: 'message',
  id: '1767607260000',
  timestamp: '2026-01-05T10:01:00.000Z',
  channelId: 'msteams',
  serviceUrl: 'https://smba.trafficmanager.net/emea/',
  from: { id: '29:alex', name: 'Alex', aadObjectId: '99999999-9999-9999-9999-99999999999A' },
  recipient: BOT,
  conversation: { id: '19:c@thread.tacv2;messageid=1767607260000', tenantId: '2222', isGroup: true },
  channelData: { tenant: { id: '2222-AB' }, team: { id: '19:t@thread.tacv2' } },
  text: '<at>headroom</at> status kv&amp;co',
  entities: [{ type: 'mention', text: '<at>headroom</at>', mentioned: BOT }],
};

const read = (change: object) => readBotActivity(Buffer.from(JSON.stringify({ ...ACTIVITY, ...change })));
const press = (value: object, change: object = {}) =>
  read({ type: 'invoke', name: 'adaptiveCard/action', replyToId: '42', value, ...change });

describe('what Teams sends to a bot', () => {
  test('is a message, without the mention of the bot', () => {
    expect(read({})).toEqual({
      kind: 'message',
      text: 'status kv&co',
      inTeam: true,
      timestamp: '2026-01-05T10:01:00.000Z',
      channelId: 'msteams',
      serviceUrl: 'https://smba.trafficmanager.net/emea/',
      conversationId: '19:c@thread.tacv2',
      threadId: '19:c@thread.tacv2;messageid=1767607260000',
      tenantId: '2222-ab',
      person: { userId: '29:alex', objectId: '99999999-9999-9999-9999-99999999999a', name: 'Alex' },
      once: '19:c@thread.tacv2;messageid=1767607260000 message 1767607260000',
    });
  });

  test('names other people by their names', () => {
    const entities = [
      ...ACTIVITY.entities,
      { type: 'mention', text: '<at>Dana</at>', mentioned: { id: '29:dana', name: 'Dana' } },
      { type: 'clientInfo', locale: 'en' },
    ];
    const text = '<p><at>headroom</at>&nbsp;assign k3f7q2ab <at>Dana</at></p>';
    expect(read({ text, entities })).toMatchObject({ text: 'assign k3f7q2ab  Dana' });
  });

  test.each([
    [{ type: 'Action.Execute', verb: 'headroom:ack', data: { incident: 'k3f7q2ab' } }, 'ack', ''],
    [
      { type: 'Action.Execute', verb: 'headroom:silence', data: { incident: 'k3f7q2ab', duration: '30m' } },
      'silence',
      '30m',
    ],
    [
      { type: 'Action.Execute', verb: 'headroom:assign', data: { incident: 'k3f7q2ab', person: ' a\u0007b\n' } },
      'assign',
      'a b',
    ],
    [{ type: 'Action.Execute', verb: 'headroom:assign', data: { incident: 'k3f7q2ab', person: 7 } }, 'assign', ''],
  ])('is a press, by action and incident alone: %j', (action, name, input) => {
    expect(press({ action, trigger: 'manual' })).toMatchObject({
      kind: 'press',
      action: name,
      incidentId: 'k3f7q2ab',
      messageId: '42',
      input,
    });
  });

  test.each([
    [{ action: { type: 'Action.Execute', verb: 'other:ack', data: { incident: 'k3f7q2ab' } } }, {}],
    [{ action: { type: 'Action.Execute', verb: 'headroom:ack', data: { incident: '../k' } } }, {}],
    [{ action: { type: 'Action.Submit', verb: 'headroom:ack', data: { incident: 'k' } } }, {}],
    [{ action: { type: 'Action.Execute', verb: 'headroom:ack', data: { incident: 'k' } } }, { replyToId: null }],
    [{ action: { type: 'Action.Execute', verb: 'headroom:ack', data: { incident: 'k' } } }, { name: 'task/fetch' }],
  ])('is nothing that is acted on: %j %j', (value, change) => {
    expect(press(value, change)).toMatchObject({ kind: 'other' });
  });

  test.each([
    [{ type: 'installationUpdate', action: 'add' }, 'added'],
    [{ type: 'installationUpdate', action: 'add-upgrade' }, 'added'],
    [{ type: 'installationUpdate', action: 'remove' }, 'removed'],
    [{ type: 'conversationUpdate', membersAdded: [{ id: '29:eve' }, { id: BOT.id }] }, 'added'],
    [{ type: 'conversationUpdate', membersRemoved: [{ id: BOT.id }] }, 'removed'],
    [{ type: 'conversationUpdate', membersAdded: [{ id: '29:eve' }] }, 'other'],
    [{ type: 'typing' }, 'other'],
  ])('tells where the app was added: %j', (change, kind) => {
    expect(read(change)).toMatchObject({ kind });
  });

  test('never throws, whatever it is', () => {
    fc.assert(fc.property(fc.anything(), (value) => void readBotActivity(Buffer.from(JSON.stringify(value) ?? ''))));
    fc.assert(
      fc.property(
        fc.record({ text: fc.string({ unit: 'binary' }), value: fc.anything(), type: fc.string() }),
        (change) => {
          void read(change);
          void press(change);
        },
      ),
    );
  });
});

test.each([
  ['https://smba.trafficmanager.net/emea/', true],
  ['https://SMBA.trafficmanager.net/', true],
  ['http://smba.trafficmanager.net/', false],
  ['https://smba.trafficmanager.net:8443/', false],
  ['https://a@smba.trafficmanager.net/', false],
  ['https://smba.trafficmanager.net.evil.example/', false],
  ['https://smba.infra.gov.teams.microsoft.us/', false],
  ['https://smba.trafficmanager.net/?to=x', false],
  ['smba.trafficmanager.net', false],
])('a bot of the public cloud speaks to %s: %s', (url, allowed) => {
  expect(isTeamsService(url, AZURE_CLOUDS.public.botFramework.hosts)).toBe(allowed);
});

test('a bot with an emulator speaks to nothing else', () => {
  const { hosts } = AZURE_CLOUDS.public.botFramework;
  expect(isTeamsService('http://127.0.0.1:9/amer/', hosts, 'http://127.0.0.1:9')).toBe(true);
  expect(isTeamsService('https://smba.trafficmanager.net/', hosts, 'http://127.0.0.1:9')).toBe(false);
});
