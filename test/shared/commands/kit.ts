import type { CommandDeps, Reply } from '../../../shared/commands/command.ts';
import { runCommand } from '../../../shared/commands/dispatch.ts';
import { defaultSettings, readSettings, type Settings } from '../../../shared/config/settings.ts';
import type { Answer, Message } from '../../../shared/model.ts';
import { fakeChat } from '../pipeline/chat.ts';
import { type AlertSketch, azureAlert, createWorld, receive, type World, workOff } from '../pipeline/kit.ts';

/** Settings as a file would give them. */
export function settingsOf(given: unknown): Settings {
  const read = readSettings(given);
  if (!read.ok) throw new Error(read.problems.map(({ problem }) => problem).join('; '));
  return read.settings;
}

/** A world whose incidents came in as alerts do, and what its chat is answered. */
export function chatWorld(key?: string) {
  const posted = fakeChat(key === undefined ? {} : { key });
  const world: World = createWorld([posted]);
  const deps: CommandDeps = {
    ...world.deps,
    destinations: world.deps.senders,
    settings: defaultSettings(),
    check: async () => [],
    secretStats: () => null,
    privacy: 'full',
    person: { id: 'local', name: 'dana' },
  };
  const ask = (text: string, given: Partial<CommandDeps> = {}): Promise<Reply> =>
    runCommand({ ...deps, ...given }, text);
  const payload = async (body: unknown): Promise<string> => {
    const received = await receive(world, body);
    if (!received.ok) throw new Error(`refused: ${received.error}`);
    await workOff(world);
    return received.incidents[0] ?? '';
  };
  return {
    world,
    posted,
    deps,
    ask,
    /** Takes a payload in and works it off. @returns the incident's id */
    payload,
    /** An alert of a minute ago, unless it says otherwise. */
    alert(sketch: Partial<AlertSketch> = {}): Promise<string> {
      return payload(azureAlert({ firedAt: new Date(world.clock.now() - 60_000).toISOString(), ...sketch }));
    },
    async answer(text: string, given: Partial<CommandDeps> = {}): Promise<Answer> {
      const reply = await ask(text, given);
      if (reply.kind !== 'answer') throw new Error('the reply is a message');
      return reply.answer;
    },
    async message(text: string, given: Partial<CommandDeps> = {}): Promise<Message> {
      const reply = await ask(text, given);
      if (reply.kind !== 'message') throw new Error(`the reply is an answer: ${reply.answer.title}`);
      return reply.message;
    },
  };
}
