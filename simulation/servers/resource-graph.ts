import { type Answered, type FaultyServer, type Received, startFaultyServer } from './faulty-server.ts';

export type GraphRecord = Record<string, unknown>;

/** Evaluates the text of a query over tables, by name in lower case; throws for what it cannot evaluate. */
export type ExecuteQuery = (
  text: string,
  table: (name: string) => readonly GraphRecord[],
) => readonly Record<string, unknown>[];

export type ResourceGraphServer = Pick<FaultyServer, 'origin' | 'received' | 'faults' | 'weather' | 'close'> & {
  /** By name in lower case: `resources`, `resourcechanges` … A record lies in its `subscriptionId`. */
  tables: Map<string, GraphRecord[]>;
  /** Subscriptions that whoever asks may read; of the others nothing is shown. */
  readable: Set<string>;
  /** Subscriptions below each management group. */
  managementGroups: Map<string, string[]>;
  /** What is left of the quota, told with each answer and used up by it. */
  quota: { remaining: number; resetsAfter: string };
  /** Most rows of a page, whatever is asked for. */
  pageRows: number;
};

const PATH = '/providers/Microsoft.ResourceGraph/resources';
const QUOTA = 15;

type Question = {
  query: string;
  subscriptions?: string[];
  managementGroups?: string[];
  options?: { $top?: number; $skipToken?: string };
};

/**
 * Azure Resource Graph: evaluates the query that it receives, page by page, over what the asker may read; tells its quota and
 * refuses with 429 when that is used up, and with 403 who may read none of the subscriptions.
 *
 * @see https://learn.microsoft.com/rest/api/azureresourcegraph/resourcegraph/resources/resources
 */
export async function startResourceGraph(
  execute: ExecuteQuery,
  /** What else of Resource Manager stands at the same address; null: not this either. */
  others: (request: Received) => Answered | null = () => null,
): Promise<ResourceGraphServer> {
  const state: Pick<ResourceGraphServer, 'tables' | 'readable' | 'managementGroups' | 'quota' | 'pageRows'> = {
    tables: new Map(),
    readable: new Set(),
    managementGroups: new Map(),
    quota: { remaining: QUOTA, resetsAfter: '00:00:05' },
    pageRows: 1_000,
  };
  const server = await startFaultyServer((request) => others(request) ?? answer(request, state, execute));
  const { origin, received, faults, weather, close } = server;
  return Object.assign(state, { origin, received, faults, weather, close });
}

type State = Pick<ResourceGraphServer, 'tables' | 'readable' | 'managementGroups' | 'quota' | 'pageRows'>;

function answer(request: Received, state: State, execute: ExecuteQuery): Answered {
  const url = new URL(request.path, 'http://127.0.0.1');
  if (decodeURIComponent(url.pathname) !== PATH || request.method !== 'POST') return failure(404, 'NotFound');
  if (!/^Bearer \S+$/.test(request.headers.authorization ?? '')) return failure(401, 'AuthenticationFailed');
  if (url.searchParams.get('api-version') === null) return failure(400, 'MissingApiVersionParameter');
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) return failure(415, 'UnsupportedMediaType');
  const question = questionIn(request.body);
  if (question === null) return failure(400, 'BadRequest');
  const { quota, readable } = state;
  if (quota.remaining <= 0) return withQuota(failure(429, 'RateLimiting'), quota);
  quota.remaining -= 1;
  const below = question.managementGroups?.flatMap((name) => state.managementGroups.get(name) ?? []);
  const asked = below ?? question.subscriptions ?? [...readable];
  if (!asked.some((id) => readable.has(id))) return withQuota(failure(403, 'AuthorizationFailed'), quota);
  return withQuota(evaluate(question, new Set(asked.filter((id) => readable.has(id))), state, execute), quota);
}

function evaluate(
  { query, options }: Question,
  shown: ReadonlySet<string>,
  state: State,
  execute: ExecuteQuery,
): Answered {
  const table = (name: string): readonly GraphRecord[] =>
    (state.tables.get(name.toLowerCase()) ?? []).filter(({ subscriptionId }) => shown.has(String(subscriptionId)));
  let rows: readonly Record<string, unknown>[];
  try {
    rows = execute(query, table);
  } catch (error) {
    return failure(400, 'InvalidQuery', error instanceof Error ? error.message : '');
  }
  const at = Number(options?.$skipToken ?? '0');
  const end = at + Math.min(options?.$top ?? 100, state.pageRows);
  const data = rows.slice(at, end);
  return json(200, {
    totalRecords: rows.length,
    count: data.length,
    data,
    facets: [],
    resultTruncated: 'false',
    ...(end < rows.length ? { $skipToken: String(end) } : {}),
  });
}

function questionIn(body: string): Question | null {
  try {
    const parsed: unknown = JSON.parse(body);
    return isQuestion(parsed) ? parsed : null;
  } catch {
    return null;
  }
}

function isQuestion(value: unknown): value is Question {
  return typeof value === 'object' && value !== null && 'query' in value && typeof value.query === 'string';
}

function withQuota(answered: Answered, { remaining, resetsAfter }: State['quota']): Answered {
  const headers = {
    'x-ms-user-quota-remaining': String(remaining),
    'x-ms-user-quota-resets-after': resetsAfter,
  };
  return { ...answered, headers: { ...answered.headers, ...headers } };
}

function failure(status: number, code: string, message = 'this is a simulation'): Answered {
  return json(status, { error: { code, message } });
}

function json(status: number, body: unknown): Answered {
  return { status, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(body) };
}
