import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HeadroomError } from '../../../shared/errors.ts';
import { executesIn, type TeamsSeen } from '../../../simulation/servers/teams-bot-people.ts';
import { checkTeamsMessage } from '../chat/check-teams.ts';
import { theIncident } from '../pipeline/kit.ts';
import { APP_ID, type BotWorld, EVE, GUEST, openBotWorld } from './teams-bot-kit.ts';

let bot: BotWorld;
beforeEach(async () => {
  bot = await openBotWorld();
});
afterEach(() => bot.close());

/** The incident's one message: no answer in a thread is one. */
function theMessage() {
  const [message, ...more] = bot.teams.messages.filter(({ conversation }) => conversation === bot.teams.channel);
  if (!message || more.length > 0) throw new Error(`${bot.teams.messages.length} messages stand there`);
  return message;
}

const textOf = (value: unknown): string => JSON.stringify(value);
const verbs = (value: unknown) => executesIn(value).map(({ verb }) => verb);
const answersIn = (thread: string) =>
  bot.teams.messages.filter(({ conversation }) => conversation === thread).map(({ activity }) => textOf(activity));

function invoked(seen: TeamsSeen): { type: string; value: unknown } {
  if (seen === 'no answer') throw new Error('Teams gave up waiting');
  expect(seen.status).toBe(200);
  const answer: { statusCode: number; type: string; value: unknown } = JSON.parse(seen.body);
  expect(answer.statusCode).toBe(200);
  return answer;
}

describe('a conversation with the Teams bot', () => {
  test('from being added to the end, all in one message', async () => {
    await bot.people.adds().send();
    const id = await bot.alert();
    expect(checkTeamsMessage(theMessage().activity, 'bot')).toEqual([]);
    expect(verbs(theMessage().activity)).toEqual(['headroom:ack', 'headroom:assign', 'headroom:silence']);

    const acknowledged = invoked(await bot.people.presses(theMessage(), 'ack').send());
    expect(acknowledged.type).toBe('application/vnd.microsoft.card.adaptive');
    expect(textOf(acknowledged.value)).toContain('acknowledged by Alex');
    expect(verbs(acknowledged.value)).toEqual(['headroom:assign', 'headroom:silence']);
    await bot.settle();
    expect(theMessage().activity).toMatchObject({ attachments: [{ content: acknowledged.value }] });

    invoked(await bot.people.presses(theMessage(), 'assign', { person: '@Dana' }).send());
    invoked(await bot.people.presses(theMessage(), 'silence', { duration: '30m' }).send());
    await bot.settle();
    expect(textOf(theMessage())).toContain('assigned to Dana');
    expect(textOf(theMessage())).toContain('silenced until');

    const said = bot.people.says(`resolve ${id}`);
    expect(await said.send()).toMatchObject({ status: 200, body: '' });
    await bot.settle();
    expect(answersIn(said.thread)).toEqual([expect.stringContaining('is resolved')]);
    expect(textOf(theMessage())).toContain('resolved by a person');
    expect(verbs(theMessage().activity)).toEqual([]);
  });

  test('answers each message once, in its own thread, also when it comes twice and out of order', async () => {
    await bot.people.adds().send();
    await bot.alert();
    const asked = ['doctor', 'status', 'top kv-contoso', 'no such thing'].map((text) => bot.people.says(text));
    for (const message of asked.toReversed()) expect(await message.send()).toMatchObject({ status: 200 });
    for (const message of asked) expect(await message.send()).toMatchObject({ status: 200 });
    await bot.settle();
    for (const message of asked) expect(await message.send()).toMatchObject({ status: 200 });
    await bot.settle(6);
    for (const message of asked) expect(await message.send()).toMatchObject({ status: 401 });
    await bot.settle();
    expect(asked.map(({ thread }) => answersIn(thread).length)).toEqual([1, 1, 1, 1]);
    expect(answersIn(asked[3]?.thread ?? '')[0]).toContain("There is no command 'no'");
  });

  test('loses no question that could not be queued: sent again, it is answered, once', async () => {
    await bot.people.adds().send();
    await bot.alert();
    const { queue } = bot.world;
    const send = queue.send.bind(queue);
    let failures = 1;
    queue.send = async (...message) => {
      failures -= 1;
      if (failures >= 0) throw new HeadroomError('unavailable', 'the queue is down');
      return send(...message);
    };
    const asked = bot.people.says('status');
    expect(await asked.send()).toMatchObject({ status: 500 });
    await bot.settle();
    expect(answersIn(asked.thread)).toEqual([]);
    expect(await asked.send()).toMatchObject({ status: 200 });
    await bot.settle();
    expect(answersIn(asked.thread)).toHaveLength(1);
  });

  test('posts what opened before it was added as soon as it is, and once', async () => {
    await bot.alert();
    expect(bot.teams.messages).toEqual([]);
    expect((await theIncident(bot.world)).effects).toMatchObject([{ state: 'failed', kind: 'denied' }]);
    await bot.people.adds().send();
    expect((await theIncident(bot.world)).effects).toMatchObject([{ state: 'pending', reason: 'post', attempts: 0 }]);
    await bot.settle();
    expect(bot.teams.messages).toHaveLength(1);
    expect((await theIncident(bot.world)).effects).toMatchObject([{ state: 'sent' }]);
    await bot.people.adds().send();
    await bot.settle();
    expect(bot.teams.messages).toHaveLength(1);
  });

  test('is posted there again after it was taken away and added anew', async () => {
    await bot.people.adds().send();
    await bot.people.adds('remove').send();
    expect(await bot.world.records.list('teams-places')).toEqual([]);
    await bot.people.adds().send();
    expect((await bot.world.records.list('teams-places')).map(({ value }) => value)).toMatchObject([
      { v: 1, serviceUrl: bot.teams.serviceUrl, conversationId: bot.teams.channel, added: true },
    ]);
  });
});

describe('who may not', () => {
  test.each([
    ['is not on the list', EVE, `entra:${EVE.objectId}`],
    ['is a guest', GUEST, 'members of its own tenant'],
    ['is nobody that Teams knows', { ...EVE, userId: '29:unknown' }, 'cannot be told now'],
    ['has no object id', { ...EVE, objectId: '' }, 'members of its own tenant'],
  ])('press, since he or she %s, is told so alone, and it is audited', async (_what, who, words) => {
    await bot.people.adds().send();
    await bot.alert();
    const told = invoked(await bot.people.presses(theMessage(), 'ack', {}, who).send());
    expect(told.type).toBe('application/vnd.microsoft.activity.message');
    expect(told.value).toContain(words);
    expect((await theIncident(bot.world)).acknowledged).toBeUndefined();
    const audits = [...bot.world.keys.values()].filter(({ id }) => id.startsWith('audit~'));
    expect(audits).toHaveLength(1);
  });

  test('ask anything as a guest hears why, and nothing else', async () => {
    await bot.people.adds().send();
    await bot.alert();
    const asked = bot.people.says('status', GUEST);
    await asked.send();
    await bot.settle();
    expect(answersIn(asked.thread)).toEqual([]);
    const [whisper, ...more] = bot.teams.whispers;
    expect(more).toEqual([]);
    expect(whisper).toMatchObject({ to: GUEST.userId, conversation: asked.thread });
    expect(textOf(whisper)).toContain('members of its own tenant');
    expect(textOf(whisper)).not.toContain('kv-contoso');
  });

  describe('do what they type', () => {
    /** Eve, who is on no list, types it. @returns what stands in the thread for all to read */
    async function typed(text: string): Promise<string[]> {
      const asked = bot.people.says(text, EVE);
      await asked.send();
      await bot.settle();
      return answersIn(asked.thread);
    }

    beforeEach(async () => {
      await bot.people.adds().send();
    });

    test('are told why alone, where they typed it', async () => {
      const id = await bot.alert();
      expect(await typed(`ack ${id}`)).toEqual([]);
      expect(bot.teams.whispers).toMatchObject([{ to: EVE.userId, activity: { recipient: { id: EVE.userId } } }]);
      expect(textOf(bot.teams.whispers)).toContain(`entra:${EVE.objectId}`);
      expect((await theIncident(bot.world)).acknowledged).toBeUndefined();
    });

    test('are told in the chat with the bot, where Teams shows nothing to one alone', async () => {
      const id = await bot.alert();
      bot.teams.targets = false;
      bot.teams.chats.set(EVE.userId, 'a:eve');
      expect(await typed(`ack ${id}`)).toEqual([]);
      expect(answersIn('a:eve')).toEqual([expect.stringContaining('You are not on the list')]);
    });

    test('are told no reason where neither can be', async () => {
      const id = await bot.alert();
      bot.teams.targets = false;
      const [said, ...more] = await typed(`ack ${id}`);
      expect(more).toEqual([]);
      expect(said).toContain('That is not done');
      expect(said).not.toContain(EVE.objectId);
    });

    test('are answered before all where it is nobody else’s secret', async () => {
      await bot.alert();
      expect(await typed('status')).toEqual([expect.stringContaining('1 open incident')]);
      expect(bot.teams.whispers).toEqual([]);
    });

    test('are told once, also where Teams does not answer for a while', async () => {
      const id = await bot.alert();
      // From now on it is known who she is.
      await typed('status');
      bot.teams.faults.push({ status: 503 });
      expect(await typed(`silence ${id}`)).toEqual([]);
      expect(bot.teams.whispers).toHaveLength(1);
      expect(textOf(bot.teams.whispers)).toContain('may be a repeat');
    });
  });

  test('press where the message does not stand changes nothing', async () => {
    await bot.people.adds().send();
    await bot.alert();
    const carried = { ...theMessage(), conversation: '19:elsewhere@thread.tacv2' };
    expect(invoked(await bot.people.presses(carried, 'ack').send()).value).toContain('belongs to no message');
    const older = { ...theMessage(), id: '1' };
    expect(invoked(await bot.people.presses(older, 'ack').send()).value).toContain('belongs to no message');
    expect((await theIncident(bot.world)).acknowledged).toBeUndefined();
  });

  test('press the very same press again changes nothing again', async () => {
    await bot.people.adds().send();
    await bot.alert();
    const press = bot.people.presses(theMessage(), 'silence', { duration: '30m' });
    const token = bot.people.token();
    invoked(await press.send({ token }));
    expect(await press.send({ token })).toMatchObject({ status: 401 });
    expect(invoked(await press.send({ token: bot.people.token({ exp: 1_900_000_000 }) })).value).toContain(
      'taken before',
    );
  });
});

describe('who is not the Bot Framework', () => {
  test('gets the same bytes whatever is wrong, and the log the reason', async () => {
    const { people, openid, teams } = bot;
    const now = bot.world.clock.now();
    const seconds = Math.floor(now / 1_000);
    const with_ = (fields: object) => ({
      body: JSON.stringify(people.activity({ type: 'message', text: 'status', ...fields })),
    });
    const { send } = people.says('status');
    const [head, , signature] = people.token().split('.');
    const other = people.token({ aud: 'another' }).split('.')[1];
    const seen = [
      await send({ token: 'x' }),
      await send({ token: people.token({ aud: 'another-app' }) }),
      await send({ token: people.token({ iss: 'https://sts.windows.net/x/' }) }),
      await send({ token: people.token({ exp: seconds - 301 }) }),
      await send({ token: people.token({ nbf: seconds + 301 }) }),
      await send({ token: people.token({}, { alg: 'none' }) }),
      await send({ token: people.token({}, { alg: 'HS256' }) }),
      await send({ token: people.token({}, { kid: 'unknown' }) }),
      await send({ token: `${head}.${other}.${signature}` }),
      await send({ token: people.token({ serviceurl: 'https://smba.trafficmanager.net/emea/' }) }),
      await send({ token: people.token({ serviceurl: undefined }) }),
      await send({
        token: people.token({ serviceurl: 'https://evil.example/' }),
        ...with_({ serviceUrl: 'https://evil.example/' }),
      }),
      await send(with_({ channelId: 'webchat' })),
      await send(with_({ channelData: { tenant: { id: APP_ID } } })),
      await send(with_({ channelData: {}, conversation: { id: teams.channel } })),
      await send(with_({ timestamp: new Date(now - 301_000).toISOString() })),
      await send(with_({ timestamp: new Date(now + 301_000).toISOString() })),
      await send(with_({ timestamp: 'now' })),
    ];
    const [first] = seen;
    if (typeof first !== 'object') throw new Error('no answer');
    expect(first.status).toBe(401);
    expect(new Set(seen.map((one) => typeof one === 'object' && `${one.status} ${one.body}`))).toEqual(
      new Set([`401 ${first.body}`]),
    );
    expect(bot.world.log.events.filter(({ event }) => event === 'caller-refused').length).toBeGreaterThan(5);
    expect(openid.requests()).toBeLessThanOrEqual(2);
    await bot.settle();
    expect(teams.messages).toEqual([]);
  });

  test('is told to come again while the keys cannot be read', async () => {
    bot.openid.setOutage({ status: 503 });
    expect(await bot.people.says('status').send()).toMatchObject({ status: 503 });
    bot.openid.setOutage('none');
    await bot.settle();
    expect(await bot.people.says('status').send()).toMatchObject({ status: 200 });
  });

  test('is answered 413 over the bound before anything else, and 400 to what is no activity', async () => {
    const { send } = bot.people.says('status');
    expect(await send({ token: 'x', body: 'x'.repeat(1_048_577) })).toMatchObject({ status: 413 });
    expect(await send({ body: '{"type":"message"}' })).toMatchObject({ status: 400 });
  });

  test('may send whatever it likes: nothing breaks, with a good token or without', async () => {
    await bot.people.adds().send();
    const { activity, deed } = bot.people;
    const field = fc.constantFrom(
      'type',
      'text',
      'value',
      'entities',
      'conversation',
      'from',
      'name',
      'timestamp',
      'id',
    );
    const body = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc
        .tuple(field, fc.jsonValue())
        .map(([name, value]) => JSON.stringify(activity({ type: 'message', [name]: value }))),
      fc.jsonValue().map((value) => JSON.stringify(activity({ type: 'invoke', name: 'adaptiveCard/action', value }))),
    );
    await fc.assert(
      fc.asyncProperty(body, fc.boolean(), async (text, good) => {
        const seen = await deed({}).send({ body: text, ...(good ? {} : { token: 'x' }) });
        if (seen === 'no answer') throw new Error('no answer');
        expect(good ? [200, 400, 401] : [401]).toContain(seen.status);
      }),
      { numRuns: 60 },
    );
  });
});
