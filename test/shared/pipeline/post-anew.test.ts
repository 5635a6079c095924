import { expect, test } from 'vitest';
import { HeadroomError } from '../../../shared/errors.ts';
import { postAnew } from '../../../shared/pipeline/post-anew.ts';
import type { ChatSender } from '../../../shared/ports.ts';
import { type FakeChat, fakeChat } from './chat.ts';
import { azureAlert, createWorld, pass, receive, theIncident, type World, workOff } from './kit.ts';

const FIRED_AT = '2026-11-20T13:59:30Z';

/** A bot that may post nowhere until it is let in. */
function refusing(chat: FakeChat, kind: 'denied' | 'invalid' = 'denied'): { sender: ChatSender; letIn(): void } {
  let isIn = false;
  const post: ChatSender['post'] = async (rendered, signal) => {
    if (!isIn) throw new HeadroomError(kind, 'the app was not added');
    return chat.post(rendered, signal);
  };
  return { sender: { ...chat, post }, letIn: () => (isIn = true) };
}

async function begin(key: string, kind?: 'invalid'): Promise<{ world: World; chat: FakeChat; letIn(): void }> {
  const chat = fakeChat({ key });
  const { sender, letIn } = refusing(chat, kind);
  const world = createWorld([sender]);
  await receive(world, azureAlert({ firedAt: FIRED_AT }));
  await workOff(world);
  return { world, chat, letIn };
}

test.each(['teams-bot', 'teams-bot:19:a@thread.tacv2'])('what %s was refused is posted once it may', async (key) => {
  const { world, chat, letIn } = await begin(key);
  expect((await theIncident(world)).effects).toMatchObject([{ state: 'failed', kind: 'denied' }]);
  letIn();
  expect(await postAnew(world.deps, 'teams-bot')).toBe(1);
  expect(await postAnew(world.deps, 'teams-bot')).toBe(0);
  await workOff(world);
  expect(chat.standing).toHaveLength(1);
});

test('what is still refused fails again', async () => {
  const { world } = await begin('teams-bot');
  await postAnew(world.deps, 'teams-bot');
  await workOff(world);
  expect((await theIncident(world)).effects).toMatchObject([{ state: 'failed', kind: 'denied' }]);
});

test('what failed for another reason, or at another platform, stays', async () => {
  const invalid = await begin('teams-bot', 'invalid');
  expect(await postAnew(invalid.world.deps, 'teams-bot')).toBe(0);
  const slack = await begin('slack-bot:C1');
  expect(await postAnew(slack.world.deps, 'teams-bot')).toBe(0);
});

test('what is over is not told for the first time', async () => {
  const { world, chat, letIn } = await begin('teams-bot');
  await receive(world, azureAlert({ firedAt: FIRED_AT, resolvedAt: '2026-11-20T14:00:00Z', condition: 'Resolved' }));
  await pass(world, 30);
  expect((await theIncident(world)).lifecycle.state).toBe('resolved');
  letIn();
  expect(await postAnew(world.deps, 'teams-bot')).toBe(0);
  await workOff(world);
  expect(chat.standing).toEqual([]);
});
