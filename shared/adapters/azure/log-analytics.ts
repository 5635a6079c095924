import type { Cell, Reading, Resource, Row, Time, Window } from '../../model.ts';
import type { Clock, EvidenceReader, EvidenceRequest, Language } from '../../ports.ts';
import type { TokenCredential } from '../../secrets/token.ts';
import type { LogsAnswer, LogsQuestion } from './log-analytics-client.ts';
import { AUDIT_LOG_ADVICE, explainLogsFailure, type LogsAdvice } from './log-analytics-failure.ts';

/**
 * What the identity of this process needs: the logs of a resource are read with a right on the resource, those of a workspace
 * with one on the workspace.
 *
 * @see https://learn.microsoft.com/azure/azure-monitor/logs/manage-access
 */
export const permissions = {
  arm: [
    'Microsoft.Insights/logs/AzureDiagnostics/read',
    'Microsoft.Insights/logs/AZKVAuditLogs/read',
    'Microsoft.OperationalInsights/workspaces/query/read',
    'Microsoft.OperationalInsights/workspaces/query/AzureDiagnostics/read',
    'Microsoft.OperationalInsights/workspaces/query/AZKVAuditLogs/read',
  ],
} as const;

export type LogAnalyticsChoices = {
  workspaceId: string | undefined;
  settings: { resources: Readonly<Record<string, { workspaceId?: string }>> };
  endpoints: { LOGS?: string | undefined };
};

/** Kinds of resource whose logs there are questions for. */
const COVERED = /\/providers\/microsoft\.keyvault\/vaults\/[^/]+$/;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** How far before the request's window each window reaches, with the hour before an onset and what runs up to it. */
const EARLIER_MS: Readonly<Record<Window, number>> = {
  incident: 2 * HOUR_MS,
  'hour-before': 2 * HOUR_MS,
  'day-before': DAY_MS + 2 * HOUR_MS,
  'week-before': 7 * DAY_MS + 2 * HOUR_MS,
};

/**
 * Log Analytics as a store: the watched resource is asked for its own logs, wherever they lie, or the workspace that the
 * configuration names. All that is asked is one question, asked once; what goes wrong is an `unavailable` reading.
 */
export function createLogAnalytics(
  choices: LogAnalyticsChoices,
  { logs }: { logs: { url: string; scope: string } },
  { credential, clock }: { credential: TokenCredential; clock: Clock },
): EvidenceReader {
  return createLogsReader(
    {
      store: 'log-analytics',
      language: 'kql',
      covers: ({ cloud, id }) => cloud === 'azure' && COVERED.test(id),
      about: (resource) => whereOf(resource, choices),
      advice: AUDIT_LOG_ADVICE,
    },
    { url: choices.endpoints.LOGS ?? logs.url, scope: logs.scope, credential },
    clock,
  );
}

/** Tables of Log Analytics that are asked together: of which resources, where they lie, what to do where they cannot be read. */
export type LogsTables = {
  store: string;
  language: Language;
  covers(resource: Resource): boolean;
  about(resource: Resource): LogsQuestion['about'];
  advice: LogsAdvice;
};

/** A reader of some tables of Log Analytics; nothing is loaded before it is first asked. */
export function createLogsReader(
  { store, language, covers, about: whereFor, advice }: LogsTables,
  reach: { url: string; scope: string; credential: TokenCredential },
  clock: Clock,
): EvidenceReader {
  return {
    store,
    language,
    covers,
    async read(request, signal) {
      const about = whereFor(request.resource);
      const readAt = (): Time => new Date(clock.now()).toISOString();
      try {
        const { askLogs } = await import('./log-analytics-client.ts');
        const readings: Reading[] = [];
        for (const part of partsOf(request)) {
          const question = { about, text: part.text, ...timespanOf(request) };
          const answer = await askLogs(reach, question, signal);
          readings.push(...readingsOf(part, answer, { store, readAt: readAt(), nextStep: advice.missing(about) }));
        }
        return readings;
      } catch (error) {
        const failure = explainLogsFailure(error, { about, advice, nowMs: clock.now() });
        return request.query.statements.map((statement) => ({
          ...headOf(statement, { store, readAt: readAt() }),
          state: 'unavailable',
          ...failure,
        }));
      }
    },
  };
}

/** Where the logs of a resource lie: where the configuration says so, else wherever it sends them. */
export function whereOf({ id }: Resource, { workspaceId, settings }: LogAnalyticsChoices): LogsQuestion['about'] {
  const named = settings.resources[id]?.workspaceId ?? workspaceId;
  return named === undefined ? { resourceId: id } : { workspaceId: named };
}

function timespanOf({ from, to, query }: EvidenceRequest): { from: Time; to: Time } {
  const earlierMs = Math.max(
    EARLIER_MS.incident,
    ...query.statements.map(({ window }) => EARLIER_MS[window ?? 'incident']),
  );
  return { from: new Date(Date.parse(from) - earlierMs).toISOString(), to };
}

type Statement = { kind: string; window: Window };
type Part = { text: string; statements: readonly Statement[]; packed: boolean };

/** One question for all, or one for each where they were not put together. */
function partsOf({ query, window }: EvidenceRequest): Part[] {
  const statements = query.statements.map((statement) => ({ ...statement, window: statement.window ?? window }));
  if (query.together !== undefined) return [{ text: query.together, statements, packed: true }];
  return statements.map((statement) => ({ text: statement.text, statements: [statement], packed: false }));
}

type Place = { store: string; readAt: Time };

function headOf({ kind, window = 'incident' }: { kind: string; window?: Window }, { store, readAt }: Place) {
  return { kind, store, window, readAt };
}

function readingsOf(
  { statements, packed }: Part,
  { table, cut }: LogsAnswer,
  { nextStep, ...place }: Place & { nextStep: string },
): Reading[] {
  const rows = table === null ? [] : packed ? unpack(table) : flat(table, statements[0]);
  return statements.map((statement): Reading => {
    const head = headOf(statement, place);
    if (table === null) return { ...head, state: 'unavailable', why: 'not-configured', nextStep };
    const own = rows.filter(({ kind, window }) => kind === statement.kind && window === statement.window);
    if (cut !== undefined && own.length === 0)
      return {
        ...head,
        state: 'unavailable',
        why: 'over-budget',
        nextStep: `Log Analytics cut its answer short (${cut}): it is asked again with the next run`,
      };
    return {
      ...head,
      state: 'read',
      rows: own.map(({ row }) => row),
      truncated: cut !== undefined,
      completeness: null,
    };
  });
}

type Labelled = Statement & { row: Row };

function isWindow(value: unknown): value is Window {
  return typeof value === 'string' && value in EARLIER_MS;
}

/** Rows `{ kind, window, row }`, the last one packed; what is none of these is left out. */
function unpack({ columns, rows }: NonNullable<LogsAnswer['table']>): Labelled[] {
  const [kindAt, windowAt, rowAt] = ['kind', 'window', 'row'].map((name) => columns.indexOf(name));
  return rows.flatMap((cells) => {
    const [kind, window, packed] = [cells[kindAt ?? -1], cells[windowAt ?? -1], cells[rowAt ?? -1]];
    if (typeof kind !== 'string' || !isWindow(window) || typeof packed !== 'object' || packed === null) return [];
    return [
      { kind, window, row: Object.fromEntries(Object.entries(packed).map(([name, cell]) => [name, cellOf(cell)])) },
    ];
  });
}

function flat({ columns, rows }: NonNullable<LogsAnswer['table']>, statement: Statement | undefined): Labelled[] {
  if (statement === undefined) return [];
  return rows.map((cells) => ({
    ...statement,
    row: Object.fromEntries(columns.map((name, i) => [name, cellOf(cells[i])])),
  }));
}

/** The kind's own schema says what a cell must be; here it only becomes what a row can hold. */
function cellOf(value: unknown): Cell {
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (Array.isArray(value) && value.every((each): each is number => typeof each === 'number')) return value;
  return null;
}
