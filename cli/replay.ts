import { readLocalConfig } from '../local/config.ts';
import { openLocalStore } from '../local/deps.ts';
import { cleanLine } from '../shared/chat/plain.ts';
import { type InboxLine, listInbox } from '../shared/pipeline/read.ts';
import type { DeadLetter } from '../shared/ports.ts';
import { readArgs } from './args.ts';
import { type CliCommand, UsageError } from './command.ts';

const HOURS = 14 * 24;

export const replay: CliCommand = {
  name: 'replay',
  usage: 'replay --list [--dead] [--limit N] [--json]',
  summary: 'list what was received, and what was laid aside',
  help: `Lists received payloads from the local store, newest first, those that were not understood with the reason; then work
that failed for good and was laid aside.

  --list      list them
  --dead      only what was not understood or failed for good
  --limit N   at most N lines of each, 1 to 1000 (50)
  --json      as JSON: { payloads, work }

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
      const only = values.dead ? { state: 'dead' as const } : {};
      const payloads = await listInbox(store, { hours: HOURS, limit, ...only });
      const letters = await store.queue.dead(limit);
      io.out(values.json ? asJson(payloads, letters) : asText(payloads, letters));
      return 0;
    } finally {
      await store.close();
    }
  },
};

function asJson(payloads: readonly InboxLine[], letters: readonly DeadLetter[]): string {
  const work = letters.map(({ message, attempts, reason, diedAt }) => ({ message, attempts, reason, diedAt }));
  return `${JSON.stringify({ payloads, work }, null, 2)}\n`;
}

function asText(payloads: readonly InboxLine[], letters: readonly DeadLetter[]): string {
  const lines = [...payloads.map(describePayload), ...letters.map(describeLetter)];
  return `${lines.length === 0 ? 'nothing in the last 14 days' : lines.join('\n')}\n`;
}

function describePayload(line: InboxLine): string {
  const why = `${line.error ?? ''}${line.path ? ` at ${line.path}` : ''}`;
  const size = `${line.payload.bytes} bytes${line.payload.truncated ? ' (first 64 KiB kept)' : ''}`;
  const what = cleanLine(line.state === 'dead' ? why : line.incidents.join(' '));
  const { receivedAt, source, state, payload } = line;
  return [receivedAt, source.padEnd(12), state.padEnd(8), payload.hash.slice(0, 12), size, what].join('  ');
}

function describeLetter({ message, attempts, reason, diedAt }: DeadLetter): string {
  const what = cleanLine(
    `${'chat' in message ? 'a question from chat' : message.incidentId}, ${attempts} attempts: ${reason}`,
  );
  return [diedAt, 'work'.padEnd(12), 'dead'.padEnd(8), what].join('  ');
}
