import { readLocalConfig } from '../local/config.ts';
import { openLocalStore } from '../local/deps.ts';
import { openReplay } from '../local/replay.ts';
import { listInbox } from '../shared/pipeline/read.ts';
import { replayFound } from '../shared/pipeline/replay.ts';
import { outlookOf } from '../shared/pipeline/replay-dry-run.ts';
import { findReplay } from '../shared/pipeline/replay-find.ts';
import { readArgs } from './args.ts';
import { type CliCommand, type ExitCode, type Io, UsageError } from './command.ts';
import { describeInbox } from './replay/list.ts';
import { describeOutlook, describeReplayed } from './replay/text.ts';

const HOURS = 14 * 24;

const OPTIONS = {
  list: { type: 'boolean' },
  dead: { type: 'boolean' },
  limit: { type: 'string' },
  'dry-run': { type: 'boolean' },
  logs: { type: 'string', multiple: true },
  json: { type: 'boolean' },
} as const;

export const replay: CliCommand = {
  name: 'replay',
  usage: 'replay (--list [--dead] [--limit N] | ID [--dry-run] [--logs GLOB]) [--json]',
  summary: 'play what was received once more, or list it',
  help: `Plays a kept payload once more, as of now, with the rules of this version: one that was not understood is taken in,
an incident is worked out anew, with what of its work had failed for good. A worker does the rest: a running
headroom serve, or the cloud whose stores HEADROOM_RECORDS, HEADROOM_QUEUE and HEADROOM_PAYLOADS name (reached with
your own sign-in).

  ID          of a payload (the beginning of its hash), an incident or an alert
  --dry-run   only show what would change: source, alerts, incidents, outcomes, findings before and after
  --logs GLOB exported audit logs for the findings of a dry run (may be given more than once)

  --list      list what was received in the last 14 days, newest first, then work that was laid aside
  --dead      only what was not understood or failed for good
  --limit N   at most N lines of each, 1 to 1000 (50)
  --json      as JSON

example: headroom replay 3f9a0c2e51b7 --dry-run`,
  async run(args, io) {
    const { values, positionals } = readArgs(args, OPTIONS);
    const [id, ...rest] = positionals;
    if (values.list) {
      if (id !== undefined || values['dry-run'] || values.logs)
        throw new UsageError('--list takes no id, and plays nothing');
      return list(io, { dead: values.dead ?? false, json: values.json ?? false, limit: readLimit(values.limit) });
    }
    if (id === undefined || rest.length > 0) throw new UsageError('name one id, or --list');
    if (values.dead || values.limit !== undefined) throw new UsageError('--dead and --limit go with --list');
    return play(io, { id, dryRun: values['dry-run'] ?? false, json: values.json ?? false, logs: values.logs });
  },
};

function readLimit(text: string | undefined): number {
  const limit = Number(text ?? '50');
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000)
    throw new UsageError('--limit is a whole number from 1 to 1000');
  return limit;
}

async function list(io: Io, asked: { dead: boolean; json: boolean; limit: number }): Promise<ExitCode> {
  const store = await openLocalStore(readLocalConfig(io.environment));
  try {
    const only = asked.dead ? { state: 'dead' as const } : {};
    const payloads = await listInbox(store, { hours: HOURS, limit: asked.limit, ...only });
    io.out(describeInbox(payloads, await store.queue.dead(asked.limit), asked.json));
    return 0;
  } finally {
    await store.close();
  }
}

type Asked = { id: string; dryRun: boolean; json: boolean; logs: readonly string[] | undefined };

async function play(io: Io, { id, dryRun, json, logs }: Asked): Promise<ExitCode> {
  const deps = await openReplay(readLocalConfig(io.environment), logs);
  try {
    const found = await findReplay(deps, id);
    if (!found.ok) {
      if (found.why === 'malformed') throw new UsageError(found.message);
      io.err(`headroom replay: ${found.message}\nnext: ${found.nextStep}\n`);
      return 1;
    }
    if (dryRun) {
      const outlook = await outlookOf(deps, found);
      io.out(json ? `${JSON.stringify(outlook, null, 2)}\n` : describeOutlook(outlook));
      return outlook.payloads.some((payload) => !payload.understood) && outlook.incidents.length === 0 ? 1 : 0;
    }
    const replayed = await replayFound(deps, found);
    io.out(json ? `${JSON.stringify(replayed, null, 2)}\n` : describeReplayed(replayed));
    return replayed.incidents.length === 0 && replayed.payloads.every(({ done }) => done === 'refused') ? 1 : 0;
  } finally {
    await deps.close();
  }
}
