import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HeadroomError } from '../../../shared/errors.ts';
import { executesIn } from '../../../simulation/servers/teams-bot-people.ts';
import { checkTeamsMessage } from '../chat/check-teams.ts';
import { theIncident } from '../pipeline/kit.ts';
import { APP_ID, answersOf, type BotWorld, invoked, openBotWorld, textOf, theMessageOf } from './teams-bot-kit.ts';

let bot: BotWorld;
beforeEach(async () => {
  bot = await openBotWorld();
});
afterEach(() => bot.close());

const theMessage = () => theMessageOf(bot);
const answersIn = (thread: string) => answersOf(bot, thread);
const verbs = (value: unknown) => executesIn(value).map(({ verb }) => verb);

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
