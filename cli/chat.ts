import { readLocalConfig } from '../local/config.ts';
import { openLocalStore } from '../local/deps.ts';
import { runCommand } from '../shared/commands/dispatch.ts';
import { readArgs, readFormat } from './args.ts';
import { type CliCommand, UsageError, usesColour } from './command.ts';
import { renderAnswer, renderMessages } from './render.ts';

export const chat: CliCommand = {
  name: 'chat',
  usage: 'chat "<command>" [--format FORMAT]',
  summary: 'ask what chat can be asked: help, status, why',
  help: `Runs a chat command against the local store (HEADROOM_HOME).

  --format FORMAT text, json, markdown, slack or teams (text); --json is --format json

example: headroom chat "why kv-contoso"`,
  async run(args, io) {
    const { values, positionals } = readArgs(args, { json: { type: 'boolean' }, format: { type: 'string' } });
    const text = positionals.join(' ');
    if (text.trim() === '') throw new UsageError('say what to ask, for example headroom chat "status"');
    const format = readFormat(values.format, values.json);
    const store = await openLocalStore(readLocalConfig(io.environment));
    try {
      const reply = await runCommand({ records: store.records, clock: store.clock, privacy: 'masked' }, text);
      const colour = usesColour(io);
      io.out(
        reply.kind === 'message'
          ? renderMessages([reply.message], format, colour)
          : renderAnswer(reply.answer, format, colour),
      );
      return 0;
    } finally {
      await store.close();
    }
  },
};
