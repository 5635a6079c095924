import type { Time, Window } from '../../model.ts';
import type { ComposedQuery } from '../../ports.ts';
import { BASELINES, type EvidenceKind } from '../kind.ts';
import type { ComposeRequest } from './compose.ts';
import { packed } from './kql-pack.ts';
import { kustoTime } from './kusto-literal.ts';
import { kustoNames } from './kusto-names.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const WINDOWS: readonly Window[] = ['incident', ...BASELINES];

/** Sign-ins of managed identities, and of applications with a secret, a certificate or a federated token. */
const TABLES = ['AADManagedIdentitySignInLogs', 'AADServicePrincipalSignInLogs'] as const;

/** One row where the time that is asked about holds any sign-in. */
export const ANY_SIGN_IN = `union isfuzzy=true
${TABLES.map((table) => `    (${table} | project TimeGenerated)`).join(',\n')}
| take 1
| project held = 1`;

/**
 * One query for a workspace that holds either table of sign-ins, or both; nothing where no identity is known to ask about.
 * The hour before is that before the window, since no onset shows here.
 */
export function composeSignIns(kinds: readonly EvidenceKind[], request: ComposeRequest): ComposedQuery {
  if ((request.known?.identities ?? []).length === 0) return { setup: [], statements: [], parameters: {} };
  const asked = request.windows ?? WINDOWS;
  const { identities } = kustoNames(request);
  const parts = kinds.flatMap((kind) => {
    const { signIns } = kind;
    if (signIns === undefined) return [];
    return WINDOWS.filter((window) => asked.includes(window) && (kind.baseline || window === 'incident')).map(
      (window) => ({ kind, window, text: signIns({ signIns: relation(boundsOf(window, request), identities) }) }),
    );
  });
  const legs = parts.map(
    ({ kind, window, text }) =>
      `(${text}\n| project ['kind'] = '${kind.kind}', window = '${window}', row = ${packed(kind)})`,
  );
  return {
    setup: [],
    statements: parts.map(({ kind, window, text }) => ({ kind: kind.kind, window, text })),
    ...(legs.length > 0 && { together: `union\n${legs.join(',\n')}` }),
    parameters: {},
  };
}

/** `(at, objectId, appId, code)` of both tables, as far as they are there; `code` is `0` for a token that was given. */
function relation({ from, to }: Bounds, identities: readonly string[]): string {
  const legs = TABLES.map(
    (table) => `    (${table}
    | where TimeGenerated >= ${from} and TimeGenerated < ${to}
    | project at = todatetime(TimeGenerated), objectId = tolower(tostring(column_ifexists('ServicePrincipalId', ''))),
        appId = tolower(tostring(column_ifexists('AppId', ''))), result = tostring(column_ifexists('ResultType', '')))`,
  );
  const ids = identities.join(', ');
  return `union isfuzzy=true
${legs.join(',\n')}
| where objectId in (${ids}) or appId in (${ids})
| extend code = iff(result =~ 'Success', '0', result)`;
}

type Bounds = { from: string; to: string };

/** Half-open, as literals. */
function boundsOf(window: Window, { from, to }: { from: Time; to: Time }): Bounds {
  const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
  switch (window) {
    case 'incident':
      return { from: kustoTime(fromMs), to: kustoTime(toMs) };
    case 'hour-before':
      return { from: kustoTime(fromMs - HOUR_MS), to: kustoTime(fromMs) };
    case 'day-before':
      return { from: kustoTime(fromMs - DAY_MS), to: kustoTime(toMs - DAY_MS) };
    case 'week-before':
      return { from: kustoTime(fromMs - 7 * DAY_MS), to: kustoTime(toMs - 7 * DAY_MS) };
  }
}
