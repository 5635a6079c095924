import { readLocalConfig } from '../local/config.ts';
import { startLocal } from '../local/server.ts';
import { prettyLog } from '../shared/adapters/system/log.ts';
import { readArgs, readPort } from './args.ts';
import { type CliCommand, usesColour } from './command.ts';
import { untilStopped } from './until-stopped.ts';

export const DEFAULT_PORT = 7071;

export const serve: CliCommand = {
  name: 'serve',
  usage: 'serve [--port N] [--host H]',
  summary: 'receive alerts on this machine and post what they mean',
  help: `Receives alerts over HTTP, keeps them in HEADROOM_HOME, and posts to Slack, Teams or this terminal.

  --port N   default 7071; 0: any free port
  --host H   default 127.0.0.1; another address needs HEADROOM_ALERT_TOKEN

example: HEADROOM_LOGS='logs/**/*.json' headroom serve --port 7071`,
  async run(args, io) {
    const { values } = readArgs(args, { port: { type: 'string' }, host: { type: 'string' } });
    const config = readLocalConfig(io.environment);
    const running = await startLocal(config, {
      host: values.host ?? '127.0.0.1',
      port: readPort(values.port, DEFAULT_PORT),
      log: prettyLog(io.err, io.columns !== null),
      out: io.out,
      colour: usesColour(io),
    });
    io.err(`headroom listens on ${running.url} and posts to ${running.destinations.join(', ')}\n`);
    await untilStopped();
    await running.close();
    return 0;
  },
};
