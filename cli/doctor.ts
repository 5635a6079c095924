import { readLocalConfig } from '../local/config.ts';
import { openLocalCommands } from '../local/deps.ts';
import { prettyLog } from '../shared/adapters/system/log.ts';
import { LOCAL_PERSON } from '../shared/chat/entitlement.ts';
import { runCommand } from '../shared/commands/dispatch.ts';
import { readArgs, readFormat } from './args.ts';
import { type CliCommand, UsageError, usesColour } from './command.ts';
import { json, renderAnswer } from './render.ts';

export const doctor: CliCommand = {
  name: 'doctor',
  usage: 'doctor [--format FORMAT]',
  summary: 'look this installation over, and say what to do where something is wrong',
  help: `Looks at the stores that the configuration names, in a cloud too, the destinations and their routes, the Slack token
with its scopes and channel, the scopes and the approvers. Ends with 1 where something is wrong.

  --format FORMAT text, json, markdown, slack or teams (text); --json is --format json

example: headroom doctor`,
  async run(args, io) {
    const { values, positionals } = readArgs(args, { json: { type: 'boolean' }, format: { type: 'string' } });
    if (positionals.length > 0) throw new UsageError('doctor takes no words');
    const format = readFormat(values.format, values.json);
    const { ports, close } = await openLocalCommands(
      readLocalConfig(io.environment),
      prettyLog(io.err, usesColour(io)),
    );
    try {
      const results = await ports.check();
      const check = async () => results;
      const person = { id: LOCAL_PERSON, name: LOCAL_PERSON };
      const reply = await runCommand({ ...ports, check, privacy: 'masked', person }, 'doctor');
      if (format === 'json') io.out(json([{ checks: results }]));
      else if (reply.kind === 'answer') io.out(renderAnswer(reply.answer, format, usesColour(io)));
      return results.every(({ ok }) => ok) ? 0 : 1;
    } finally {
      await close();
    }
  },
};
