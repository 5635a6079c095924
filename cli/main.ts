import { readFileSync } from 'node:fs';
import { nearest } from '../shared/config/nearest.ts';
import { isHeadroomError } from '../shared/errors.ts';
import { type CliCommand, type ExitCode, type Io, UsageError } from './command.ts';

const DEFAULT_COLUMNS = 80;

/** Each is loaded when it is named: what a server needs is not read for a look at a log. */
const COMMANDS: Readonly<Record<string, () => Promise<CliCommand>>> = {
  analyze: async () => (await import('./analyze.ts')).analyze,
  explain: async () => (await import('./explain.ts')).explain,
  serve: async () => (await import('./serve.ts')).serve,
  chat: async () => (await import('./chat.ts')).chat,
  replay: async () => (await import('./replay.ts')).replay,
  doctor: async () => (await import('./doctor.ts')).doctor,
  onboard: async () => (await import('./onboard.ts')).onboard,
  forget: async () => (await import('./forget.ts')).forget,
  start: async () => (await import('./start.ts')).start,
};

/** Runs one command line; everything that the process owns is given to it here. */
export async function main(args: readonly string[], io: Io = processIo()): Promise<ExitCode> {
  const [name, ...rest] = args;
  if (name === undefined) {
    io.err(await overview());
    return 2;
  }
  if (name === 'help' || name === '--help' || name === '-h') return help(rest[0], io);
  if (name === '--version' || name === '-v') return showVersion(io);
  const load = commandOf(name);
  if (load === undefined) return unknown(name, io);
  if (asks(rest, '--help', '-h')) return help(name, io);
  if (asks(rest, '--version', '-v')) return showVersion(io);
  const command = await load();
  try {
    return await command.run(rest, io);
  } catch (error) {
    return fail(error, command, io);
  }
}

/** Asked for before `--`: what follows it are plain words. */
function asks(args: readonly string[], ...names: string[]): boolean {
  const end = args.indexOf('--');
  return args.slice(0, end === -1 ? args.length : end).some((word) => names.includes(word));
}

function commandOf(name: string): (() => Promise<CliCommand>) | undefined {
  return Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
}

async function help(name: string | undefined, io: Io): Promise<ExitCode> {
  if (name === undefined) {
    io.out(await overview());
    return 0;
  }
  const command = await commandOf(name)?.();
  if (command === undefined) return unknown(name, io);
  io.out(`usage: headroom ${command.usage}\n\n${command.help}\n`);
  return 0;
}

function showVersion(io: Io): ExitCode {
  io.out(`${version()}\n`);
  return 0;
}

function fail(error: unknown, command: CliCommand, io: Io): ExitCode {
  if (error instanceof UsageError) {
    io.err(`headroom ${command.name}: ${error.message}\nusage: headroom ${command.usage}\n`);
    return 2;
  }
  if (!isHeadroomError(error)) throw error;
  io.err(
    `headroom ${command.name}: ${error.message}\n${error.nextStep === undefined ? '' : `next: ${error.nextStep}\n`}`,
  );
  return error.kind === 'configuration' ? 2 : 1;
}

function unknown(name: string, io: Io): ExitCode {
  const near = nearest(name, Object.keys(COMMANDS));
  io.err(
    `headroom: there is no command '${name.slice(0, 40)}'${near === undefined ? '' : `; did you mean '${near}'?`}\n`,
  );
  return 2;
}

async function overview(): Promise<string> {
  const commands = await Promise.all(Object.values(COMMANDS).map((load) => load()));
  const width = Math.max(...commands.map((command) => command.name.length));
  const lines = commands.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`);
  return [
    'Headroom turns a cloud-throttling alert into an answer and an action, in chat.',
    '',
    'usage: headroom <command> [options]',
    '',
    ...lines,
    '',
    'headroom <command> --help shows its options and an example.',
    '',
  ].join('\n');
}

function version(): string {
  const found: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return typeof found === 'object' && found !== null && 'version' in found ? String(found.version) : 'unknown';
}

/** Null when it is no terminal; a terminal that does not know its width (in a container, in a build) says 0. */
function columnsOf({ isTTY, columns }: NodeJS.WriteStream): number | null {
  return isTTY ? columns || DEFAULT_COLUMNS : null;
}

function processIo(): Io {
  return {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    environment: process.env,
    columns: columnsOf(process.stdout),
    errColumns: columnsOf(process.stderr),
    onStop(stop) {
      process.once('SIGINT', stop).once('SIGTERM', stop);
      return () => process.off('SIGINT', stop).off('SIGTERM', stop);
    },
  };
}
