import { readLocalConfig } from '../local/config.ts';
import { openLocalCommands } from '../local/deps.ts';
import { prettyLog } from '../shared/adapters/system/log.ts';
import { LOCAL_PERSON } from '../shared/chat/entitlement.ts';
import { cleanLine } from '../shared/chat/plain.ts';
import { runCommand } from '../shared/commands/dispatch.ts';
import { readArgs, readFormat } from './args.ts';
import { type CliCommand, UsageError, usesColour } from './command.ts';
import { renderAnswer, renderMessages } from './render.ts';

export const chat: CliCommand = {
  name: 'chat',
  usage: 'chat "<command>" [--format FORMAT]',
  summary: 'ask what chat can be asked: help, status, why, top, ack, …',
  help: `Runs a chat command against the stores that the configuration names (those of this machine, in HEADROOM_HOME, or of a
cloud, as whom you are signed in there) and the logs that HEADROOM_LOGS names. What changes an incident is recorded
under your name; a running 'headroom serve', or the worker in the cloud, brings its message up to date.

  --format FORMAT text, json, markdown, slack or teams (text); --json is --format json

example: headroom chat "top kv-contoso since 09:00"; 'headroom chat help' lists them all`,
  async run(args, io) {
    const { values, positionals } = readArgs(args, { json: { type: 'boolean' }, format: { type: 'string' } });
    const text = positionals.join(' ');
    if (text.trim() === '') throw new UsageError('say what to ask, for example headroom chat "status"');
    const format = readFormat(values.format, values.json);
    const log = prettyLog(io.err, usesColour(io));
    const { ports, close } = await openLocalCommands(readLocalConfig(io.environment), log);
    try {
      const person = {
        id: LOCAL_PERSON,
        name: cleanLine(io.environment['USER'] ?? io.environment['USERNAME'] ?? 'local', 60),
      };
      const reply = await runCommand({ ...ports, privacy: 'masked', person }, text);
      const colour = usesColour(io);
      io.out(
        reply.kind === 'message'
          ? renderMessages([reply.message], format, colour)
          : renderAnswer(reply.answer, format, colour),
      );
      return 0;
    } finally {
      await close();
    }
  },
};
