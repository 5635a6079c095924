import { gzipSync } from 'node:zlib';
import { type Exchange, startServer } from './http-server.ts';
import {
  type Answer,
  badQuery,
  type Column,
  type LogsFault,
  MORE_THAN_ONE_TABLE,
  NO_CONTENT,
  NOT_FOUND,
  OF_BASIC_PLAN,
  parseQuery,
  partial,
  type Query,
  type Refusal,
  type Timespan,
  UNSUPPORTED,
} from './log-analytics-protocol.ts';

type LogRow = Readonly<Record<string, unknown>>;

/** A table as far as it can be seen when it is asked. */
type SeenTable = { name: string; columns: readonly Column[]; rows: readonly LogRow[]; plan?: Plan };

/** The plan of a table; absent: `Analytics`. */
type Plan = 'Basic';

/** What runs the text that was sent. An error with a `code` (`SEM0100`, `SYN0002`) is the query's fault, any other is not. */
type Execute = (text: string, tables: readonly SeenTable[], timespan: Timespan | undefined) => Answer;

export type LogAnalyticsServer = {
  /** `http://127.0.0.1:<port>`; the SDK's `endpoint` is this with `/v1`. */
  origin: string;
  /** Questions that were read, in order, also what met a fault: the text, who was asked, about which time. */
  queries: Query[];
  /** Each request takes the next one. */
  faults: LogsFault[];
  /** Asked for a fault by each request that finds none in `faults`. */
  weather: { next(query: Query): LogsFault | undefined };
  /** Errors of the executor that were not the query's fault. */
  failures: unknown[];
  /** A workspace with empty tables; its id is of any case. */
  addWorkspace(workspace: {
    id: string;
    tables: readonly { name: string; columns: readonly Column[]; plan?: Plan }[];
  }): void;
  /**
   * Rows of a table, each of which can be seen from `availableAtMs` on by the server's clock; given later, they come later. A row
   * is of the resource that its `_ResourceId` names.
   */
  addRows(workspaceId: string, table: string, rows: readonly { row: LogRow; availableAtMs: number }[]): void;
  close(): Promise<void>;
};

export type LogAnalyticsOptions = {
  execute: Execute;
  /** Epoch milliseconds. */
  now: () => number;
  /** Of an answer; what is beyond is cut off and said so. */
  limits?: { rows: number; bytes: number };
  /** What is taken of tables of the Basic plan: of old only one of them, without a join; by now the whole language. Default: of old. */
  basicPlan?: 'one-table' | 'all';
  /** Before each answer; asked once a request. */
  delayMs?: () => number;
};

type Table = { name: string; columns: readonly Column[]; plan?: Plan; rows: { row: LogRow; availableAtMs: number }[] };

/** @see https://learn.microsoft.com/azure/azure-monitor/service-limits#query-api */
const LIMITS = { rows: 500_000, bytes: 64_000_000 };

/**
 * The query interface of Log Analytics: of a workspace, of a resource wherever its logs lie, and several at once. It runs the
 * text that it is sent, over the rows that have arrived.
 *
 * @see https://learn.microsoft.com/azure/azure-monitor/logs/api/overview
 */
export async function startLogAnalytics(options: LogAnalyticsOptions): Promise<LogAnalyticsServer> {
  const workspaces = new Map<string, Map<string, Table>>();
  const queries: Query[] = [];
  const faults: LogsFault[] = [];
  const failures: unknown[] = [];
  const weather: LogAnalyticsServer['weather'] = { next: () => undefined };
  const limits = options.limits ?? LIMITS;

  const answer = (query: Query): Answer | Refusal => {
    const tables = tablesOf(query, workspaces, options.now());
    if ('status' in tables) return tables;
    const refused = refusalByPlan(query, tables, options.basicPlan ?? 'one-table');
    if (refused !== null) return refused;
    try {
      return partial(options.execute(query.text, tables, query.timespan), limits);
    } catch (error) {
      if (!isQueryFault(error)) failures.push(error);
      return isQueryFault(error) ? badQuery(error.code, error.message) : UNSUPPORTED;
    }
  };

  const server = await startServer(
    (exchange) => {
      const asked = parseQuery(exchange);
      if ('status' in asked) return send(exchange, asked);
      const [first] = asked.queries;
      if (first === undefined) return send(exchange, badQuery('SYN0001', 'no query'));
      queries.push(...asked.queries);
      const fault = faults.shift() ?? weather.next(first);
      if (fault === undefined) return send(exchange, asked.answerFrom(asked.queries.map(answer)));
      if (fault === 'cut') exchange.request.socket.destroy();
      else if (fault === 'half-open') sendHalf(exchange, asked.answerFrom(asked.queries.map(answer)));
      else if (fault !== 'hang') send(exchange, fault);
    },
    options.delayMs === undefined ? {} : { delayMs: options.delayMs },
  );

  return {
    origin: server.origin,
    queries,
    faults,
    weather,
    failures,
    addWorkspace({ id, tables }) {
      workspaces.set(id.toLowerCase(), new Map(tables.map((table) => [table.name, { ...table, rows: [] }])));
    },
    addRows(workspaceId, name, rows) {
      const table = workspaces.get(workspaceId.toLowerCase())?.get(name);
      if (table === undefined) throw new Error(`the workspace ${workspaceId} has no table ${name}`);
      table.rows.push(...rows);
    },
    close: () => server.close(),
  };
}

function isQueryFault(error: unknown): error is Error & { code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && /^S(EM|YN)/.test(error.code);
}

const LITERAL = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g;
const OF_MANY_TABLES = /\b(?:join|find|search|externaldata)\b/;

/** @see https://learn.microsoft.com/azure/azure-monitor/logs/basic-logs-query */
function refusalByPlan(
  { text, through }: Query,
  tables: readonly SeenTable[],
  basicPlan: NonNullable<LogAnalyticsOptions['basicPlan']>,
): Refusal | null {
  const said = text.replace(LITERAL, "''");
  const basic = tables.filter(({ name, plan }) => plan === 'Basic' && new RegExp(`\\b${name}\\b`).test(said));
  if (through === 'query') return basic.length === 0 ? null : OF_BASIC_PLAN;
  return basicPlan === 'one-table' && (basic.length !== 1 || OF_MANY_TABLES.test(said)) ? MORE_THAN_ONE_TABLE : null;
}

/** Tables with the rows that have arrived, of one workspace and those named beside it, or of one resource in all of them. */
function tablesOf(
  { about, additional }: Query,
  workspaces: ReadonlyMap<string, ReadonlyMap<string, Table>>,
  nowMs: number,
): readonly SeenTable[] | Refusal {
  if ('workspaceId' in about) {
    const asked = [about.workspaceId, ...additional].map((id) => workspaces.get(id.toLowerCase()));
    return asked.includes(undefined)
      ? NOT_FOUND
      : seen(
          asked.flatMap((each) => each ?? []),
          nowMs,
          undefined,
        );
  }
  const resource = about.resourceId.toLowerCase();
  const holding = [...workspaces.values()].filter((tables) =>
    [...tables.values()].some(({ rows }) => rows.some(({ row }) => isOf(row, resource))),
  );
  return holding.length === 0 ? NO_CONTENT : seen(holding, nowMs, resource);
}

function isOf(row: LogRow, resource: string): boolean {
  return String(row['_ResourceId']).toLowerCase() === resource;
}

/** One table for each name, as a query over several workspaces sees them. */
function seen(
  workspaces: readonly ReadonlyMap<string, Table>[],
  nowMs: number,
  resource: string | undefined,
): readonly SeenTable[] {
  const tables = new Map<string, SeenTable & { rows: LogRow[] }>();
  for (const { rows, ...shape } of workspaces.flatMap((each) => [...each.values()])) {
    const { name } = shape;
    const table = tables.get(name) ?? { ...shape, rows: [] };
    tables.set(name, table);
    for (const { row, availableAtMs } of rows)
      if (availableAtMs <= nowMs && (resource === undefined || isOf(row, resource))) table.rows.push(row);
  }
  return [...tables.values()];
}

/** Compressed where the caller takes it. */
function send(exchange: Exchange, { status, headers, body }: Refusal): void {
  const { request, response } = exchange;
  const text = body === undefined ? '' : JSON.stringify(body);
  const zips = text !== '' && /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  response.writeHead(status, {
    ...(text !== '' && { 'content-type': 'application/json; charset=utf-8' }),
    ...(zips && { 'content-encoding': 'gzip' }),
    ...headers,
  });
  response.end(zips ? gzipSync(text, { level: 1 }) : text);
}

/** The first half of an answer, and then nothing more on a connection that stays open. */
function sendHalf({ response }: Exchange, { status, body }: Refusal): void {
  const text = JSON.stringify(body ?? {});
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'content-length': text.length });
  response.write(text.slice(0, Math.floor(text.length / 2)));
}
