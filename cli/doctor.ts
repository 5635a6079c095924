import { readLocalConfig } from '../local/config.ts';
import { openLocalCommands } from '../local/deps.ts';
import { openDeployment } from '../local/estate.ts';
import { prettyLog } from '../shared/adapters/system/log.ts';
import { fence } from '../shared/chat/text/markdown-escape.ts';
import { doctorAnswer } from '../shared/commands/doctor.ts';
import type { Config } from '../shared/config.ts';
import type { Examined } from '../shared/doctor/check.ts';
import { examineDeployment } from '../shared/doctor/deployment.ts';
import { isHeadroomError } from '../shared/errors.ts';
import { type Format, readArgs, readFormat } from './args.ts';
import { type CliCommand, type Io, UsageError, usesColour } from './command.ts';
import { json, renderAnswer } from './render.ts';

/** A command is shown whole. */
const COMMAND_MAX = 2_000;
const HOST = /^[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?$/i;

export const doctor: CliCommand = {
  name: 'doctor',
  usage: 'doctor [--deployment [--reader OBJECT-ID] [--host HOST]] [--format FORMAT]',
  summary: 'look this installation over, and say what to do where something is wrong',
  help: `Looks at the stores that the configuration names, in a cloud too, the destinations and their routes, the Slack token
with its scopes and channel, the scopes and the approvers. Ends with 1 where something is wrong.

  --deployment        also what stands in the watched subscriptions and accounts, as whoever is signed in (az login, aws sso
                      login). Azure: roles, audit logs, alert rules, action groups, common schema; AWS: alarm actions; of
                      both the clock, and dead letters where HEADROOM_QUEUE names the queue. Each with the command that
                      mends it
  --reader OBJECT-ID  the identity whose roles are looked at; id-<name>-reader where there is one
  --host HOST         where Headroom answers: action groups that call another host are found
  --format FORMAT     text, json, markdown, slack or teams (text); --json is --format json

example: headroom doctor --deployment --host func-headroom.azurewebsites.net`,
  async run(args, io) {
    const { values, positionals } = readArgs(args, {
      deployment: { type: 'boolean' },
      reader: { type: 'string' },
      host: { type: 'string' },
      json: { type: 'boolean' },
      format: { type: 'string' },
    });
    const { reader, host, deployment = false } = values;
    if (positionals.length > 0) throw new UsageError('doctor takes no words');
    if (!deployment && (reader ?? host) !== undefined) throw new UsageError('--reader and --host go with --deployment');
    if (reader !== undefined && !/^[0-9a-f-]{36}$/i.test(reader))
      throw new UsageError('--reader is the object id of an identity');
    if (host !== undefined && !HOST.test(host)) throw new UsageError('--host is a host name, without https://');
    const format = readFormat(values.format, values.json);
    const config = readLocalConfig(io.environment);
    const asked = { reader: reader?.toLowerCase(), host: host?.toLowerCase() };
    const results = deployment
      ? [
          ...(await examineInstallation(config, io).catch(storesMissing)),
          ...(await examineDeployment(await openDeployment(config, io.environment, asked))),
        ]
      : await examineInstallation(config, io);
    io.out(render(results, format, usesColour(io)));
    return results.every(({ ok }) => ok) ? 0 : 1;
  },
};

async function examineInstallation(config: Config, io: Io): Promise<Examined> {
  const { ports, close } = await openLocalCommands(config, prettyLog(io.err, usesColour(io)));
  try {
    return await ports.check();
  } finally {
    await close();
  }
}

/** A deployment can be looked at from where its stores are not known. */
function storesMissing(error: unknown): Examined {
  if (!isHeadroomError(error) || error.kind !== 'not-found') throw error;
  const nextStep = 'Set HEADROOM_RECORDS, HEADROOM_QUEUE and HEADROOM_PAYLOADS to those of the deployment';
  return [{ name: 'stores', ok: false, problem: 'not looked at: none are named', nextStep }];
}

function render(results: Examined, format: Format, colour: boolean): string {
  if (format === 'json') return json([{ checks: results }]);
  const answer = renderAnswer(doctorAnswer(results), format, colour);
  const commands = results.flatMap((result) =>
    result.ok || result.command === undefined ? [] : [`# ${result.name}`, result.command],
  );
  if (commands.length === 0 || format === 'slack' || format === 'teams') return answer;
  const text = commands.join('\n');
  return `${answer}\n${format === 'markdown' ? fence(text, 'sh', commands.length, COMMAND_MAX) : text}\n`;
}
