import type { Reading, Resource, Time, Window } from '../../model.ts';
import type { Clock, EvidenceReader, EvidenceRequest, Language } from '../../ports.ts';
import type { TokenCredential } from '../../secrets/token.ts';
import type { LogsQuestion } from './log-analytics-client.ts';
import { AUDIT_LOG_ADVICE, explainLogsFailure, type LogsAdvice, refusalOf } from './log-analytics-failure.ts';
import { headOf, readingsOf } from './log-analytics-readings.ts';
import { createWayMemory, nextWay, partsOf, type Way } from './log-analytics-ways.ts';

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

/**
 * A reader of some tables of Log Analytics; nothing is loaded before it is first asked. A question that is refused as it stands is
 * asked in another way, while the request has questions left: through the way of the Basic plan, then coarsely.
 */
export function createLogsReader(
  { store, language, covers, about: whereFor, advice }: LogsTables,
  reach: { url: string; scope: string; credential: TokenCredential },
  clock: Clock,
): EvidenceReader {
  const ways = createWayMemory();

  async function askIn(way: Way, asking: Asking): Promise<Reading[]> {
    const { request, about, signal } = asking;
    const { askLogs } = await import('./log-analytics-client.ts');
    const readings: Reading[] = [];
    for (const part of partsOf(request, way)) {
      const place = { store, readAt: new Date(clock.now()).toISOString(), nextStep: advice.missing(about) };
      if (asking.spend()) {
        const question = { about, text: part.text, through: way.through, ...timespanOf(request, way) };
        readings.push(...readingsOf(part, await askLogs(reach, question, signal), place));
      } else readings.push(...part.statements.map((statement) => ({ ...headOf(statement, place), ...OVER_BUDGET })));
    }
    return readings;
  }

  /** Of what is not asked coarsely, that it is not. */
  function unasked({ query }: EvidenceRequest, readings: readonly Reading[]): Reading[] {
    const place = { store, readAt: new Date(clock.now()).toISOString() };
    return query.statements
      .map((statement) => headOf(statement, place))
      .filter((head) => !readings.some(({ kind, window }) => kind === head.kind && window === head.window))
      .map((head) => ({
        ...head,
        state: 'unavailable',
        why: 'unsupported',
        nextStep: advice.coarse ?? advice.refused,
      }));
  }

  async function read(asking: Asking): Promise<Reading[]> {
    const { request, about } = asking;
    let way = ways.of(about, clock.now());
    for (;;) {
      try {
        const readings = await askIn(way, asking);
        ways.took(about, way, clock.now());
        return [...readings, ...unasked(request, readings)];
      } catch (error) {
        const refusal = refusalOf(error, clock.now());
        const next = refusal === null ? null : nextWay(way, refusal, about);
        if (refusal !== null && next === null) ways.forget(about);
        if (next === null || partsOf(request, next).length === 0 || !asking.isLeft()) throw error;
        way = next;
      }
    }
  }

  return {
    store,
    language,
    covers,
    async read(request, signal) {
      const about = whereFor(request.resource);
      try {
        return await read({ request, about, signal, ...purseOf(request) });
      } catch (error) {
        const failure = explainLogsFailure(error, { about, advice, nowMs: clock.now() });
        const place = { store, readAt: new Date(clock.now()).toISOString() };
        return request.query.statements.map((statement) => ({
          ...headOf(statement, place),
          state: 'unavailable',
          ...failure,
        }));
      }
    },
  };
}

type Asking = {
  request: EvidenceRequest;
  about: LogsQuestion['about'];
  signal: AbortSignal | undefined;
  /** Takes a question; false: there is none left. */
  spend(): boolean;
  /** Whether there is one, which is then taken for the next. */
  isLeft(): boolean;
};

/** The first question is paid for, and one that is looked for is held. */
function purseOf({ spend = () => true }: EvidenceRequest): Pick<Asking, 'spend' | 'isLeft'> {
  let held = 1;
  return {
    spend() {
      if (held === 0) return spend();
      held -= 1;
      return true;
    },
    isLeft() {
      if (held === 0 && spend()) held = 1;
      return held > 0;
    },
  };
}

const OVER_BUDGET = {
  state: 'unavailable',
  why: 'over-budget',
  nextStep: 'This incident has used up its queries: raise HEADROOM_QUERIES_PER_INCIDENT, or read the log by hand',
} as const;

/** Where the logs of a resource lie: where the configuration says so, else wherever it sends them. */
export function whereOf({ id }: Resource, { workspaceId, settings }: LogAnalyticsChoices): LogsQuestion['about'] {
  const named = settings.resources[id]?.workspaceId ?? workspaceId;
  return named === undefined ? { resourceId: id } : { workspaceId: named };
}

/** Coarsely, the time is nowhere but here. */
function timespanOf({ from, to, query }: EvidenceRequest, { coarse }: Way): { from: Time; to: Time } {
  if (coarse) return { from, to };
  const earlierMs = Math.max(
    EARLIER_MS.incident,
    ...query.statements.map(({ window }) => EARLIER_MS[window ?? 'incident']),
  );
  return { from: new Date(Date.parse(from) - earlierMs).toISOString(), to };
}
