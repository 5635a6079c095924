import { join } from 'node:path';
import { playIncident } from '../local/play.ts';
import { prettyLog } from '../shared/adapters/system/log.ts';
import { readArgs, readPort } from './args.ts';
import { type CliCommand, UsageError, usesColour } from './command.ts';
import { DEFAULT_PORT } from './serve.ts';
import { untilStopped } from './until-stopped.ts';

const silent = (): void => undefined;

export const start: CliCommand = {
  name: 'start',
  usage: 'start [--port N] [--seed N] [--once]',
  summary: 'play one incident on this machine and show the message',
  help: `Starts the server, plays a simulated throttling incident through it over HTTP, and prints the diagnosed message.
Uses a store of its own (.headroom/play) and no configuration, so it reaches nobody.

  --port N   default 7071; 0: any free port
  --seed N   another incident (1)
  --once     end after the message instead of serving on

example: headroom start --once`,
  async run(args, io) {
    const { values } = readArgs(args, {
      port: { type: 'string' },
      seed: { type: 'string' },
      once: { type: 'boolean' },
    });
    const seed = Number(values.seed ?? '1');
    if (!Number.isInteger(seed) || seed < 0) throw new UsageError('--seed is a whole number');
    const local = await playIncident({
      folder: join('.headroom', 'play'),
      host: '127.0.0.1',
      port: readPort(values.port, DEFAULT_PORT),
      seed,
      log: {
        info: silent,
        warn: prettyLog(io.err, io.columns !== null).warn,
        error: prettyLog(io.err, io.columns !== null).error,
      },
      out: io.out,
      progress: (text) => io.err(`${text}\n`),
      colour: usesColour(io),
    });
    if (!values.once) {
      io.err(`The server goes on at ${local.url}. Send it an alert, or stop it with Ctrl-C:\n`);
      io.err(`  curl --json @test/fixtures/azure/metric-static-kv429-fired.json ${local.url}/api/alerts/azure\n`);
      await untilStopped();
    }
    await local.close();
    return 0;
  },
};
