import { readLocalConfig } from '../local/config.ts';
import { openLogArchive } from '../shared/adapters/duckdb/archive.ts';
import { systemClock } from '../shared/adapters/system/clock.ts';
import { cleanLine } from '../shared/chat/plain.ts';
import { nearest } from '../shared/config/nearest.ts';
import type { Config } from '../shared/config.ts';
import { HeadroomError } from '../shared/errors.ts';
import { composeArchive } from '../shared/evidence/languages/sql.ts';
import type { LimitProfile } from '../shared/limits.ts';
import type { LogAnalysis } from '../shared/model.ts';
import { nameCallerBy } from '../shared/pipeline/aliases.ts';
import type { TimeChoice } from '../shared/pipeline/analysis-window.ts';
import { analyzeArchive } from '../shared/pipeline/analyze.ts';
import type { OpenedLogArchive } from '../shared/ports.ts';
import { isAsciiTerminal, toAscii } from './analyze/ascii.ts';
import { checkOrder, configuredLimits, readLimitsOption, readTime } from './analyze/options.ts';
import { createProgress, type Progress } from './analyze/progress.ts';
import { renderAnalysis } from './analyze/render.ts';
import { makeTemporaryFolder } from './analyze/temporary-folder.ts';
import { readArgs, readFormat } from './args.ts';
import { CHART_HELP, readChartFile, writeChart } from './chart-file.ts';
import { type CliCommand, type ExitCode, type Io, UsageError, usesColour } from './command.ts';

const OPTIONS = {
  vault: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  limits: { type: 'string' },
  all: { type: 'boolean' },
  format: { type: 'string' },
  chart: { type: 'string' },
  json: { type: 'boolean' },
} as const;

export const analyze: CliCommand = {
  name: 'analyze',
  usage: 'analyze <paths…> [--vault NAME] [--from T] [--to T] [--limits L] [--all] [--format F] [--chart FILE]',
  summary: 'say from exported audit logs who used the limit up, why, and what to do',
  help: `Reads exported Key Vault audit logs (category AuditEvent; JSON lines or {"records":[…]}, .gz too) and says for each
vault who was throttled, why, who is hurt and what each fix would change. Needs no account and no configuration, sends
nothing anywhere.

  --vault NAME    only this vault, by name or resource id
  --from T        from this time on: 2026-01-31T09:00:00Z, or so long before the end of the logs: 30m, 2h, 7d
  --to T          up to, not including, this time. Without both: the worst incident that the log shows
  --limits L      published (default), 2000, or a limits file
  --all           every vault, and what was looked for and ruled out
  --format FORMAT text, json, markdown, slack or teams (text); --json is --format json
${CHART_HELP}

Exit code: 0 answered, also when all is well; 1 nothing to read, or another service's log; 2 wrong command line.

example: headroom analyze 'logs/**/*.json' --vault kv-contoso --from 2h`,
  async run(args, io) {
    const { values, positionals } = readArgs(args, OPTIONS);
    const format = readFormat(values.format, values.json);
    const drawn = readChartFile(values.chart);
    const from = readTime('--from', values.from);
    const to = readTime('--to', values.to);
    checkOrder(from, to);
    const limits = values.limits === undefined ? undefined : readLimitsOption(values.limits);
    const config = readLocalConfig(io.environment);
    const paths = positionals.length > 0 ? positionals : config.logs;
    if (paths.length === 0) throw new UsageError('name log files, folders or globs');
    const asked: Asked = {
      paths,
      config,
      limits: limits ?? configuredLimits(config),
      all: values.all ?? false,
      ...(values.vault !== undefined && { vault: values.vault.trim().toLowerCase() }),
      ...(from && { from }),
      ...(to && { to }),
    };
    const found = await stoppable(io, (signal) => look(asked, io, signal));
    if (found === 'stopped') return 130;
    if (!found.ok) return refuse(found.opened, paths, io);
    const unknown = unknownVault(asked, found.analysis);
    if (unknown !== null) {
      io.err(`headroom analyze: ${unknown}\n`);
      return 1;
    }
    const ascii = io.columns !== null && isAsciiTerminal(io.environment);
    const text = renderAnalysis(found.analysis, format, {
      columns: io.columns ?? 80,
      colour: usesColour(io),
      all: asked.all,
    });
    io.out(ascii && format === 'text' ? toAscii(text) : text);
    await writeChart(drawn, found.analysis.resources[0]?.charts[0]?.chart, io);
    if (format === 'json' && found.analysis.left.resources > 0)
      io.err(`${found.analysis.left.resources} more vaults were not looked into; --all looks into all\n`);
    return 0;
  },
};

type Asked = {
  paths: readonly string[];
  config: Config;
  limits: LimitProfile;
  all: boolean;
  vault?: string;
  from?: TimeChoice;
  to?: TimeChoice;
};

type Found = { ok: true; analysis: LogAnalysis } | { ok: false; opened: NotOpened };
type NotOpened = Extract<OpenedLogArchive, { ok: false }>;

async function look(asked: Asked, io: Io, signal: AbortSignal): Promise<Found> {
  const progress = createProgress({
    write: io.err,
    columns: io.errColumns,
    ascii: isAsciiTerminal(io.environment),
    now: systemClock.now,
  });
  const folder = makeTemporaryFolder(asked.config.home);
  // Whatever ends this process, what it wrote goes with it.
  process.once('exit', folder.remove);
  try {
    return await lookIn(asked, folder.path, progress, signal);
  } finally {
    progress.end();
    folder.remove();
    process.off('exit', folder.remove);
  }
}

async function lookIn(asked: Asked, folder: string, progress: Progress, signal: AbortSignal): Promise<Found> {
  const { paths, config, limits, all, vault, from, to } = asked;
  const opened = await openLogArchive(
    { paths, now: systemClock.now, temporaryFolder: folder, onProgress: progress.update },
    composeArchive({
      ...(from && 'at' in from && { from: from.at }),
      ...(to && 'at' in to && { to: to.at }),
      ...(vault !== undefined && { vaults: [vault] }),
    }),
    signal,
  );
  signal.throwIfAborted();
  if (!opened.ok) return { ok: false, opened };
  try {
    const analysis = await analyzeArchive(
      {
        archive: opened.archive,
        clock: systemClock,
        limits,
        all,
        nameCaller: nameCallerBy(config.settings.aliases),
        objectiveOf: ({ id }) => config.settings.slos.find(({ resource }) => resource === id) ?? null,
        onResource: progress.about,
        ...(from && { from }),
        ...(to && { to }),
      },
      signal,
    );
    return { ok: true, analysis };
  } finally {
    await opened.archive.close();
  }
}

/** A database that was told to stop does so within this; a file that hangs does not. */
const TIDY_MS = 1000;

/** Runs until it is done or Ctrl-C comes, which it has little time to tidy up after. */
async function stoppable<T>(io: Io, work: (signal: AbortSignal) => Promise<T>): Promise<T | 'stopped'> {
  const stop = new AbortController();
  const forget = io.onStop(() => stop.abort(new HeadroomError('timed-out', 'stopped')));
  const stopped = new Promise<'stopped'>((resolve) =>
    stop.signal.addEventListener('abort', () => setTimeout(resolve, TIDY_MS, 'stopped').unref(), { once: true }),
  );
  try {
    return await Promise.race([work(stop.signal), stopped]);
  } catch (error) {
    if (stop.signal.aborted) return 'stopped';
    throw error;
  } finally {
    forget();
  }
}

const REFUSED_FILES_MAX = 5;
const LOG_FILES = '.json, .jsonl, .ndjson and .log files, .gz too,';

/** Why there is no answer, and what to do about it. */
function refuse({ why, message, nextStep, skipped }: NotOpened, paths: readonly string[], io: Io): ExitCode {
  const named = cleanLine(paths.join(', '));
  const told = why === 'no-match' ? `no log file matches ${named}` : cleanLine(message);
  const next = why === 'no-match' ? `check the path; below a folder, ${LOG_FILES} are read` : cleanLine(nextStep, 400);
  io.err(`headroom analyze: ${told}\n`);
  for (const { path, error } of skipped.files.slice(0, REFUSED_FILES_MAX))
    io.err(`  ${cleanLine(path)}: ${cleanLine(error)}\n`);
  io.err(`next: ${next}\n`);
  return 1;
}

/** What to say where the files hold vaults, but not the one that was named; null otherwise. */
function unknownVault({ vault }: Asked, { resources, others }: LogAnalysis): string | null {
  if (vault === undefined || resources.length > 0 || others.length === 0) return null;
  const name = vault.split('/').at(-1) ?? vault;
  const names = others.map((other) => other.name);
  if (names.includes(name)) return null;
  return `no file holds a vault '${cleanLine(name, 40)}'; did you mean ${cleanLine(nearest(name, names) ?? '', 40)}?`;
}
