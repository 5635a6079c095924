import type { Exchange } from './http-server.ts';

export type Column = { name: string; type: string };

/** What a query came to, in the JSON of the interface: times as ISO 8601, dynamic values as text. */
export type Answer = { columns: readonly Column[]; rows: readonly (readonly unknown[])[]; error?: unknown };

/** `to` is exclusive; both ISO 8601. */
export type Timespan = { from: string; to: string };

export type Query = {
  text: string;
  about: { workspaceId: string } | { resourceId: string };
  /** `search` is for tables of the Basic plan. */
  through: 'query' | 'search';
  /** Workspaces asked beside the first. */
  additional: readonly string[];
  timespan: Timespan | undefined;
  /** Seconds that the caller lets the server work. */
  waitSeconds: number | undefined;
  statistics: boolean;
};

export type Refusal = { status: number; headers?: Record<string, string>; body?: unknown };

/**
 * What one request meets instead of its answer: another answer, a connection that is cut, no word at all, or half of the
 * answer on a connection that stays open.
 */
export type LogsFault = Refusal | 'cut' | 'hang' | 'half-open';

const MESSAGE = 'The request had some invalid properties';

/** @see https://learn.microsoft.com/azure/azure-monitor/logs/api/errors */
function refusal(status: number, code: string, message: string, innererror?: unknown): Refusal {
  return { status, body: { error: { message, code, ...(innererror !== undefined && { innererror }) } } };
}

export const NO_CONTENT: Refusal = { status: 204 };
const NOT_AUTHENTICATED = refusal(401, 'AuthorizationRequiredError', 'Valid authentication was not provided');
export const NOT_FOUND = refusal(404, 'PathNotFoundError', 'The requested path does not exist');
/** What this server cannot do: never what the real one would say, so that no reader learns to live with it. */
export const UNSUPPORTED = refusal(501, 'NotSimulated', 'This server cannot run the query');

/** A caller without the role. */
export const NO_ACCESS = refusal(
  403,
  'InsufficientAccessError',
  'The provided credentials have insufficient access to perform the requested operation',
  { code: 'AuthorizationFailed', message: 'The role Log Analytics Reader is missing' },
);

/** A table of the Basic plan, asked as if it were of the other. @see https://github.com/grafana/grafana/issues/89818 */
export const OF_BASIC_PLAN = refusal(400, 'BadArgumentError', MESSAGE, {
  code: 'UnsupportedApiQueryValidationError',
  message:
    "Query of Basic Logs table is not supported with the API 'https://api.loganalytics.io/v1/workspaces/{workspaceId}/query'.\n" +
    "You can use 'https://api.loganalytics.io/v1/workspaces/{workspaceId}/search' instead.",
});

/**
 * What a table of the Basic plan does not take, where it takes no more than one table. The words are the service's; its code for
 * them is not known.
 *
 * @see https://github.com/Azure/Azure-Sentinel/issues/12172
 */
export const MORE_THAN_ONE_TABLE = refusal(400, 'BadArgumentError', MESSAGE, {
  code: 'QueryValidationError',
  message: 'The query should contain a single Basic or Auxiliary Logs table.',
});

/** Too many questions; the service does not always say how long to wait. */
export function throttled(retryAfterSeconds?: number): Refusal {
  const headers = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
  return { ...refusal(429, 'ThrottledError', 'Too many requests'), headers };
}

/** The server gave up: after the time that the caller allows, or three minutes. */
export const TIMED_OUT = refusal(504, 'GatewayTimeout', 'Gateway timeout', {
  code: 'GatewayTimeout',
  message: 'The query took too long',
});

export function badQuery(code: string, message: string): Refusal {
  const [outer, words] = code.startsWith('SYN')
    ? ['SyntaxError', 'A recognition error occurred in the query.']
    : ['SemanticError', 'A semantic error occurred.'];
  return refusal(400, 'BadArgumentError', MESSAGE, { code: outer, message: words, innererror: { code, message } });
}

/** One question, or a batch of them, and how their answers become one answer. */
type Asked = { queries: readonly Query[]; answerFrom(answers: readonly (Answer | Refusal)[]): Refusal };

const WORKSPACE = /^\/v1\/workspaces\/([^/]+)\/(query|search)$/;
const RESOURCE = /^\/v1(\/subscriptions\/.+)\/query$/i;

export function parseQuery({ request, url, body }: Exchange): Asked | Refusal {
  if (!/^Bearer \S+$/.test(request.headers.authorization ?? '')) return NOT_AUTHENTICATED;
  const path = decodeURIComponent(url.pathname);
  const given = jsonOf(body);
  const prefer = String(request.headers['prefer'] ?? '');
  if (path === '/v1/$batch') return parseBatch(given);
  const [, workspaceId, through] = WORKSPACE.exec(path) ?? [];
  const [, resourceId] = RESOURCE.exec(path) ?? [];
  const about = workspaceId !== undefined ? { workspaceId } : resourceId !== undefined ? { resourceId } : undefined;
  if (request.method !== 'POST' || about === undefined) return NOT_FOUND;
  // Without its content type a question gets an empty 200, as of old.
  if (!String(request.headers['content-type']).includes('application/json')) return { status: 200 };
  const timespan = url.searchParams.get('timespan');
  // Its time stands in the address.
  if (through === 'search' && timespan === null) return refusal(400, 'BadArgumentError', MESSAGE);
  const asked = queryFrom(timespan === null ? given : { ...recordOf(given), timespan }, about, prefer);
  if ('status' in asked) return asked;
  const query: Query = { ...asked, through: through === 'search' ? through : 'query' };
  return { queries: [query], answerFrom: ([answer]) => (answer === undefined ? UNSUPPORTED : answered(answer, query)) };
}

function parseBatch(given: unknown): Asked | Refusal {
  const requests = recordOf(given)['requests'];
  const parsed = (Array.isArray(requests) ? requests : []).map((each: unknown) => {
    const { id, workspace, headers, body } = recordOf(each);
    const prefer = String(recordOf(headers)['Prefer'] ?? recordOf(headers)['prefer'] ?? '');
    return { id: String(id), query: queryFrom(body, { workspaceId: String(workspace) }, prefer) };
  });
  const queries = parsed.flatMap(({ query }) => ('status' in query ? [] : [query]));
  return {
    queries,
    answerFrom(answers) {
      const rest = [...answers];
      const responses = parsed.map(({ id, query }) => {
        const answer = 'status' in query ? query : (rest.shift() ?? UNSUPPORTED);
        const { status, headers = {}, body } = 'status' in query ? query : answered(answer, query);
        return { id, status, headers, body };
      });
      return { status: 200, body: { responses } };
    },
  };
}

function queryFrom(given: unknown, about: Query['about'], prefer: string): Query | Refusal {
  const { query, timespan, workspaces } = recordOf(given);
  if (typeof query !== 'string') return badQuery('SYN0001', 'The query is missing');
  const span = typeof timespan === 'string' ? spanOf(timespan) : undefined;
  if (timespan !== undefined && span === undefined) return refusal(400, 'BadArgumentError', MESSAGE);
  const wait = /\bwait=(\d+)/.exec(prefer)?.[1];
  return {
    text: query,
    about,
    through: 'query',
    additional: Array.isArray(workspaces) ? workspaces.map(String) : [],
    timespan: span,
    waitSeconds: wait === undefined ? undefined : Number(wait),
    statistics: /\binclude-statistics=true\b/.test(prefer),
  };
}

/** Only both ends; a duration alone would hang on the time of day. */
function spanOf(text: string): Timespan | undefined {
  const [from = '', to = ''] = text.split('/');
  return Number.isNaN(Date.parse(from)) || Number.isNaN(Date.parse(to)) ? undefined : { from, to };
}

function answered(answer: Answer | Refusal, { statistics }: Query): Refusal {
  if ('status' in answer) return answer;
  const { columns, rows, error } = answer;
  return {
    status: 200,
    body: {
      tables: [{ name: 'PrimaryResult', columns, rows }],
      ...(statistics && {
        statistics: { query: { executionTime: 0.0156, resourceUsage: { cpu: { totalCpu: '00:00:00.0156250' } } } },
      }),
      ...(error !== undefined && { error }),
    },
  };
}

/**
 * The answer as far as it may go, with the error beside it that says what was cut.
 *
 * @see https://learn.microsoft.com/azure/azure-monitor/logs/api/timeouts
 */
export function partial(answer: Answer, limits: { rows: number; bytes: number }): Answer {
  if (answer.rows.length > limits.rows) return cut(answer, limits.rows, `${limits.rows} records`);
  let bytes = 0;
  for (const [index, row] of answer.rows.entries()) {
    bytes += JSON.stringify(row).length;
    if (bytes > limits.bytes) return cut(answer, index, `${limits.bytes} bytes`);
  }
  return answer;
}

function cut(answer: Answer, rows: number, limit: string): Answer {
  const message = `The results of this query exceed the set limit of ${limit}, so not all records were returned.`;
  return {
    columns: answer.columns,
    rows: answer.rows.slice(0, rows),
    error: {
      code: 'PartialError',
      message: 'There were some errors when processing your query.',
      details: [
        {
          code: 'EngineError',
          message: 'Something went wrong processing your query on the server.',
          innererror: { code: '-2133196797', message },
        },
      ],
    },
  };
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}
