import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { theIncident } from '../../pipeline/kit.ts';
import { answersOf, type BotWorld, EVE, GUEST, invoked, openBotWorld, textOf, theMessageOf } from '../teams-bot-kit.ts';

let bot: BotWorld;
beforeEach(async () => {
  bot = await openBotWorld();
});
afterEach(() => bot.close());

const theMessage = () => theMessageOf(bot);
const answersIn = (thread: string) => answersOf(bot, thread);

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
