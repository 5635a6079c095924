import { readLocalConfig } from '../local/config.ts';
import { openLocalStore } from '../local/deps.ts';
import { cleanLine } from '../shared/chat/plain.ts';
import { listInbox } from '../shared/pipeline/read.ts';
import { readArgs } from './args.ts';
import { type CliCommand, UsageError } from './command.ts';

const HOURS = 14 * 24;

export const replay: CliCommand = {
  name: 'replay',
  usage: 'replay --list [--dead] [--limit N] [--json]',
  summary: 'list what was received, and what was not understood',
  help: `Lists received payloads from the local store, newest first, dead ones with the reason.

  --list      list them
  --dead      only those that were not understood
  --limit N   at most N lines, 1 to 1000 (50)
  --json      as JSON

example: headroom replay --list --dead`,
  async run(args, io) {
    const { values, positionals } = readArgs(args, {
      list: { type: 'boolean' },
      dead: { type: 'boolean' },
      limit: { type: 'string' },
      json: { type: 'boolean' },
    });
    if (!values.list || positionals.length > 0) throw new UsageError('this version lists only: headroom replay --list');
    const limit = Number(values.limit ?? '50');
    if (!Number.isInteger(limit) || limit < 1 || limit > 1_000)
      throw new UsageError('--limit is a whole number from 1 to 1000');
    const store = await openLocalStore(readLocalConfig(io.environment));
    try {
      const lines = await listInbox(store, { hours: HOURS, limit, ...(values.dead ? { state: 'dead' as const } : {}) });
      if (values.json) io.out(`${JSON.stringify(lines, null, 2)}\n`);
      else if (lines.length === 0) io.out('nothing was received in the last 14 days\n');
      else for (const line of lines) io.out(`${describe(line)}\n`);
      return 0;
    } finally {
      await store.close();
    }
  },
};

function describe(line: Awaited<ReturnType<typeof listInbox>>[number]): string {
  const what =
    line.state === 'dead' ? `${line.error ?? ''}${line.path ? ` at ${line.path}` : ''}` : line.incidents.join(' ');
  const size = `${line.payload.bytes} bytes${line.payload.truncated ? ' (first 64 KiB kept)' : ''}`;
  return [
    line.receivedAt,
    line.source.padEnd(12),
    line.state.padEnd(8),
    line.payload.hash.slice(0, 12),
    size,
    cleanLine(what),
  ].join('  ');
}
