import type { Answered, Received } from './faulty-server.ts';
import { type ExecuteQuery, type ResourceGraphServer, startResourceGraph } from './resource-graph.ts';

type Assignment = { principalId: string; scope: string; roleDefinitionId: string };

export type AzureEstateServer = ResourceGraphServer & {
  /** By id of the resource, lower-cased. */
  diagnosticSettings: Map<string, { name: string; properties: unknown }[]>;
  /** By `<workspace>/tables/<name>`, lower-cased. */
  workspaceTables: Map<string, { plan: string }>;
  /** Listed by subscription; the id says which. */
  metricAlerts: { id: string; name: string; properties: unknown }[];
  /** By id, lower-cased. */
  actionGroups: Map<string, { enabled: boolean; webhookReceivers: unknown[] }>;
  roleAssignments: Assignment[];
  /** By id, lower-cased. */
  roleDefinitions: Map<string, { actions: string[]; notActions?: string[] }>;
  /** Requests a day by id of the resource, lower-cased. */
  requestsADay: Map<string, number>;
};

type Kept = Omit<AzureEstateServer, keyof ResourceGraphServer>;

const PAGE = 100;
const DAY_MS = 86_400_000;

/**
 * Resource Manager as it is read about an estate: Resource Graph, diagnostic settings, tables of workspaces, metric rules, action
 * groups, roles, and metrics of a whole subscription. A token is needed, lists have pages; nothing can be changed.
 *
 * @see https://learn.microsoft.com/rest/api/azure/
 */
export async function startAzureEstate(execute: ExecuteQuery): Promise<AzureEstateServer> {
  const kept: Kept = {
    diagnosticSettings: new Map(),
    workspaceTables: new Map(),
    metricAlerts: [],
    actionGroups: new Map(),
    roleAssignments: [],
    roleDefinitions: new Map(),
    requestsADay: new Map(),
  };
  const server: ResourceGraphServer = await startResourceGraph(execute, (request) =>
    answer(request, kept, server, server.origin),
  );
  return Object.assign(server, kept);
}

type Shown = Pick<ResourceGraphServer, 'readable' | 'tables'>;

/** Null: Resource Graph is asked. */
function answer(request: Received, kept: Kept, shown: Shown, origin: string): Answered | null {
  const url = new URL(request.path, origin);
  const path = decodeURIComponent(url.pathname).toLowerCase();
  if (path === '/providers/microsoft.resourcegraph/resources') return null;
  if (!/^Bearer \S+$/.test(request.headers.authorization ?? '')) return failure(401, 'AuthenticationFailed');
  if (url.searchParams.get('api-version') === null) return failure(400, 'MissingApiVersionParameter');
  if (request.method !== 'GET') return failure(405, 'MethodNotAllowed');
  const subscription = /^\/subscriptions\/([^/]+)/.exec(path)?.[1];
  if (subscription !== undefined && !shown.readable.has(subscription)) return failure(403, 'AuthorizationFailed');
  return route(path, url, kept, shown);
}

function route(path: string, url: URL, kept: Kept, shown: Shown): Answered {
  const [, resource] = /^(\/.+)\/providers\/microsoft\.insights\/diagnosticsettings$/.exec(path) ?? [];
  if (resource !== undefined) return json(200, { value: kept.diagnosticSettings.get(resource) ?? [] });
  const [, scope] = /^(\/subscriptions\/[^/]+)\/providers\/microsoft\.[a-z]+\/[a-z]+$/.exec(path) ?? [];
  if (path.endsWith('/microsoft.insights/metricalerts')) return pageOf(url, kept.metricAlerts.filter(liesIn(scope)));
  if (path.endsWith('/microsoft.authorization/roleassignments')) return assignments(url, scope ?? '', kept);
  if (path.endsWith('/microsoft.insights/metrics')) return metrics(url, scope ?? '', kept, shown);
  const table = kept.workspaceTables.get(path);
  if (table !== undefined) return json(200, { name: path.split('/').at(-1), properties: table });
  const group = kept.actionGroups.get(path);
  if (group !== undefined) return json(200, { id: path, properties: group });
  const role = kept.roleDefinitions.get(path);
  if (role !== undefined) return json(200, { id: path, properties: { permissions: [role] } });
  return failure(404, 'ResourceNotFound');
}

function liesIn(scope = ''): (one: { id: string }) => boolean {
  return ({ id }) => id.toLowerCase().startsWith(`${scope}/`);
}

/** With `assignedTo`: of one principal, at the scope, above it and below it. */
function assignments(url: URL, scope: string, kept: Kept): Answered {
  const [, principal] = /^assignedTo\('([^']+)'\)$/.exec(url.searchParams.get('$filter') ?? '') ?? [];
  if (principal === undefined) return failure(400, 'BadRequest');
  const own = kept.roleAssignments.filter(
    (one) => one.principalId === principal && (`${one.scope}/`.startsWith(`${scope}/`) || !/^\/sub/.test(one.scope)),
  );
  return pageOf(
    url,
    own.map((properties) => ({ properties })),
  );
}

/** Totals a day, a series for each resource of the kind and region. */
function metrics(url: URL, scope: string, kept: Kept, { tables }: Shown): Answered {
  const query = (name: string): string => url.searchParams.get(name) ?? '';
  const [from = '', to = ''] = query('timespan').split('/');
  const days = (Date.parse(to) - Date.parse(from)) / DAY_MS;
  if (!(days >= 1) || query('interval') !== 'P1D' || query('aggregation') !== 'Total')
    return failure(400, 'BadRequest');
  if (query('$filter') !== "Microsoft.ResourceId eq '*'" || query('region') === '') return failure(400, 'BadRequest');
  const ids = (tables.get('resources') ?? [])
    .filter(({ type, location }) => type === query('metricnamespace') && location === query('region'))
    .map(({ id }) => String(id).toLowerCase())
    .filter((id) => id.startsWith(`${scope}/`) && kept.requestsADay.has(id))
    .slice(0, Number(query('top') || '10'));
  const timeseries = ids.map((id) => ({
    metadatavalues: [{ name: { value: 'microsoft.resourceid' }, value: id }],
    data: Array.from({ length: days }, (_, day) => ({
      timeStamp: new Date(Date.parse(from) + day * DAY_MS).toISOString(),
      total: kept.requestsADay.get(id),
    })),
  }));
  return json(200, { value: [{ name: { value: query('metricnames') }, timeseries }] });
}

function pageOf(url: URL, all: readonly unknown[]): Answered {
  const at = Number(url.searchParams.get('$skiptoken') ?? '0');
  const next = new URL(url);
  next.searchParams.set('$skiptoken', String(at + PAGE));
  return json(200, {
    value: all.slice(at, at + PAGE),
    ...(at + PAGE < all.length ? { nextLink: next.href } : {}),
  });
}

function failure(status: number, code: string): Answered {
  return json(status, { error: { code, message: `${code}: this is a simulation` } });
}

function json(status: number, body: unknown): Answered {
  return { status, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(body) };
}
