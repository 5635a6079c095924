import type { ErrorKind } from '../../errors.ts';
import type { Reading } from '../../model.ts';
import { azureFailure, codeOf } from './failure.ts';
import type { LogsQuestion } from './log-analytics-client.ts';

type Unavailable = Extract<Reading, { state: 'unavailable' }>;
export type LogsFailure = Pick<Unavailable, 'why' | 'nextStep' | 'retryAfterMs'>;

const WHY: Readonly<Partial<Record<ErrorKind, Unavailable['why']>>> = {
  denied: 'denied',
  throttled: 'throttled',
  'timed-out': 'timed-out',
  'not-found': 'not-configured',
  'too-large': 'over-budget',
  invalid: 'unsupported',
};

/** A table or column that is nowhere to be found: nothing was ever sent to it. */
const UNRESOLVED = 'SEM0100';

/** A table of the plans Basic or Auxiliary, which `query` does not take. @see https://github.com/Azure/azure-sdk-for-go/issues/24606 */
const OF_BASIC_PLAN = 'UnsupportedApiQueryValidationError';

/** What the service has against a question that another one may not have. */
export type Refusal = 'basic-plan' | 'question';

/** Null for whatever the next question would meet as well: no right, no table, no answer. */
export function refusalOf(error: unknown, nowMs: number): Refusal | null {
  const { kind } = azureFailure(error, 'logs', 'asking Log Analytics', nowMs);
  const code = codeOf(error);
  if (kind === 'invalid' && code === OF_BASIC_PLAN) return 'basic-plan';
  return (kind === 'invalid' && code !== UNRESOLVED) || kind === 'too-large' ? 'question' : null;
}

type Where = LogsQuestion['about'];

/** What whoever runs this can do about some tables that cannot be read. */
export type LogsAdvice = {
  /** Nothing was ever sent to them. */
  missing(about: Where): string;
  /** The workspace or resource that was asked is not there. */
  notFound(about: Where): string;
  /** The service does not take the question. */
  refused: string;
  /** The service takes only part of it. */
  coarse?: string;
};

type Failed = { about: Where; advice: LogsAdvice; nowMs: number };

/** What a failed question means, and what whoever runs this can do about it; without a word of the service's own. */
export function explainLogsFailure(error: unknown, { about, advice, nowMs }: Failed): LogsFailure {
  const failure = azureFailure(error, 'logs', 'asking Log Analytics', nowMs);
  const code = codeOf(error);
  if (failure.kind === 'invalid' && code === UNRESOLVED)
    return { why: 'not-configured', nextStep: advice.missing(about) };
  const why = WHY[failure.kind] ?? 'unreachable';
  const waits = failure.retryAfterMs === undefined ? {} : { retryAfterMs: failure.retryAfterMs };
  return { why, nextStep: nextStepOf(failure.kind, failure.nextStep, { code, about, advice }), ...waits };
}

function nextStepOf(
  kind: ErrorKind,
  given: string | undefined,
  { code, about, advice }: { code: string | undefined; about: Where; advice: LogsAdvice },
): string {
  switch (kind) {
    case 'denied':
      return code === undefined && given !== undefined && !given.includes('Log Analytics Reader')
        ? given
        : roleFor(about);
    case 'not-found':
      return advice.notFound(about);
    case 'throttled':
      return 'Log Analytics takes 200 questions in 30 s of one identity: it is asked again with the next run';
    case 'timed-out':
      return 'Log Analytics did not answer in time: it is asked again with the next run';
    case 'too-large':
      return 'The answer was too large: it is asked again with the next run; for a busy vault read an export instead (headroom analyze)';
    case 'invalid':
      if (code === OF_BASIC_PLAN && 'resourceId' in about) return NAME_WORKSPACE;
      return `Log Analytics refused the question${code === undefined ? '' : ` (${code})`}: ${advice.refused}`;
    default:
      return given ?? 'Log Analytics could not be reached: it is asked again with the next run';
  }
}

/** Tables of this plan answer to their workspace alone. */
const NAME_WORKSPACE =
  'Its table is on the Basic plan, which answers only to its workspace: name that in HEADROOM_WORKSPACE_ID, or as workspaceId in ' +
  'resources of headroom.json; or set the table to the Analytics plan';

function roleFor(about: Where): string {
  const [where, scope] =
    'workspaceId' in about
      ? [`workspace ${about.workspaceId}`, "<the workspace's resource id>"]
      : [about.resourceId, about.resourceId];
  return (
    `Log Analytics refused: missing role Log Analytics Reader on ${where}. Grant it: ` +
    `az role assignment create --role "Log Analytics Reader" --assignee <client id of Headroom's identity> --scope ${scope}`
  );
}

/** For the audit log of a vault. */
export const AUDIT_LOG_ADVICE: LogsAdvice = {
  missing: howToSendLogs,
  notFound: (about) =>
    'workspaceId' in about
      ? `No workspace has the id ${about.workspaceId}: correct HEADROOM_WORKSPACE_ID, or workspaceId in resources of headroom.json`
      : `Azure knows no resource ${about.resourceId}: correct the target of the alert rule`,
  refused:
    'set the tables AzureDiagnostics and AZKVAuditLogs to the Analytics plan, or name their workspace in resources of headroom.json',
  coarse:
    'Log Analytics took no more than a coarse question: who asked and when is known, why is not. Set the table AZKVAuditLogs to ' +
    'the Analytics plan where it is on the Basic plan; else ask for a shorter time, or read an export (headroom analyze)',
};

/** For a resource of which no log can be found. */
function howToSendLogs(about: Where): string {
  if ('workspaceId' in about)
    return (
      `The workspace ${about.workspaceId} holds no audit log: turn on a diagnostic setting of the vault that sends ` +
      'category AuditEvent there'
    );
  return (
    'No workspace gets the log of this resource. Turn on its diagnostic setting: az monitor diagnostic-settings create ' +
    `--name headroom --resource ${about.resourceId} --workspace <workspace> --logs '[{"category":"AuditEvent","enabled":true}]'`
  );
}
