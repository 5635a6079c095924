import { isHeadroomError } from '../../errors.ts';
import type { Reading, Row } from '../../model.ts';
import type { ArchiveQuery, LogArchive, LogSurvey, OpenedLogArchive, SurveyedResource } from '../../ports.ts';
import { askDatabase, headsOf } from './ask-database.ts';
import { explainFailure, isMissing, problemInWords } from './failure.ts';
import { isKeyVault } from './files-reader.ts';
import { type TakeInOptions, type TakenIn, takeIn } from './take-in.ts';

export type LogArchiveOptions = TakeInOptions & {
  /** Epoch milliseconds. */
  now: () => number;
};

/**
 * Reads exported logs once and looks over what they hold: `composeArchive` says how. What cannot be answered comes back as
 * a value that says why; an archive that was opened must be closed.
 *
 * @see OpenedLogArchive for what makes an archive and what does not
 */
export async function openLogArchive(
  options: LogArchiveOptions,
  query: ArchiveQuery,
  signal?: AbortSignal,
): Promise<OpenedLogArchive> {
  const nothing = { skipped: { lines: 0, files: [] }, foreign: [] };
  try {
    const taken = await takeIn(options, query, signal);
    const survey = await lookOver(taken, query);
    const failure = failureOf(survey, taken.problems);
    if (failure === null) return { ok: true, archive: archiveOf(taken, survey, options) };
    await taken.close();
    return { ok: false, ...failure, skipped: survey.skipped, foreign: survey.foreign };
  } catch (error) {
    if (isHeadroomError(error) && error.kind === 'bug') throw error;
    return { ok: false, ...explainOpening(error, options.paths, signal), ...nothing };
  }
}

async function lookOver(taken: TakenIn, query: ArchiveQuery): Promise<LogSurvey> {
  const { database, problems, unreadable } = taken;
  const run = (text: string): Promise<Row[]> => database.run(text, query.parameters);
  const resources = (await run(query.resources)).map(surveyedOf);
  const foreign = (await run(query.foreign)).map(({ name, records }) => ({
    name: String(name),
    records: Number(records),
  }));
  return {
    files: taken.files,
    resources,
    others: resources.length === 0 ? (await run(query.others)).map(surveyedOf) : [],
    skipped: {
      lines: unreadable,
      files: problems.map(({ path, error }) => ({ path, error: problemInWords(error) })),
    },
    foreign,
  };
}

function surveyedOf({ id, requests, throttled, fromUs, toUs }: Row): SurveyedResource {
  return {
    id: String(id),
    requests: Number(requests),
    throttled: Number(throttled),
    from: new Date(Number(fromUs) / 1000).toISOString(),
    to: new Date((Math.floor(Number(toUs) / 1_000_000) + 1) * 1000).toISOString(),
  };
}

type Failure = Pick<Extract<OpenedLogArchive, { ok: false }>, 'why' | 'message' | 'nextStep'>;

function failureOf(survey: LogSurvey, problems: TakenIn['problems']): Failure | null {
  const { resources, others, skipped, foreign } = survey;
  if (resources.length > 0 || others.length > 0) return null;
  const [most] = foreign;
  if (most !== undefined)
    return {
      why: 'foreign',
      message: `The files hold no audit record of a key vault, but of another log: ${most.name}`,
      nextStep: 'Name the exported files of the vault, of category AuditEvent: insights-logs-auditevent',
    };
  const damaged = problems.find(({ error }) => !isMissing(error));
  if (skipped.lines === 0 && damaged === undefined) return null;
  return {
    why: 'unreadable',
    message:
      skipped.lines > 0 || damaged === undefined
        ? `None of ${skipped.lines} lines is an audit record in JSON`
        : `Nothing could be read from ${damaged.path}: ${problemInWords(damaged.error)}`,
    nextStep: 'Name exported audit logs: JSON lines or {"records":[…]}, plain or gzip',
  };
}

const WHY: Readonly<Record<string, Failure['why']>> = {
  denied: 'denied',
  'timed-out': 'timed-out',
  'over-budget': 'over-budget',
};

function explainOpening(error: unknown, paths: readonly string[], signal: AbortSignal | undefined): Failure {
  const { why, nextStep } = explainFailure(error, paths, signal);
  if (isHeadroomError(error) && error.kind === 'not-found')
    return { why: 'no-match', message: 'No log file matches', nextStep };
  if (isHeadroomError(error) && error.kind === 'configuration')
    return { why: 'not-configured', message: error.message, nextStep };
  return { why: WHY[why] ?? 'unreadable', message: problemInWords(error), nextStep };
}

function archiveOf(taken: TakenIn, survey: LogSurvey, options: LogArchiveOptions): LogArchive {
  const held = new Set([...survey.resources, ...survey.others].map(({ id }) => id));
  /** Questions replace each other's tables, so they wait for one another. */
  let last: Promise<unknown> = Promise.resolve();
  return {
    survey,
    store: 'files',
    language: 'sql',
    covers: (resource) => isKeyVault(resource) && (held.size === 0 || held.has(resource.id.toLowerCase())),
    async read(request, signal) {
      const reading = last.then(async (): Promise<Reading[]> => {
        try {
          return await askDatabase(taken, request, options, signal);
        } catch (error) {
          if (isHeadroomError(error) && error.kind === 'bug') throw error;
          const { why, nextStep } = explainFailure(error, options.paths, signal);
          return headsOf(request, options.now).map((head) => ({ ...head, state: 'unavailable', why, nextStep }));
        }
      });
      last = reading.catch(() => undefined);
      return reading;
    },
    async close() {
      await last;
      await taken.close();
    },
  };
}
