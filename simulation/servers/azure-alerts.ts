import { type Answered, type FaultyServer, type Received, startFaultyServer } from './faulty-server.ts';

/** An alert as Alerts Management keeps it: its id and `properties`. */
export type KeptAlert = {
  id: string;
  properties: { essentials: Record<string, unknown> & { startDateTime: string }; [name: string]: unknown };
};

export type AzureAlertsServer = Pick<FaultyServer, 'origin' | 'received' | 'faults' | 'close'> & {
  /** What is listed, in any order. */
  alerts: KeptAlert[];
  /** Alert rules by id, lower-cased. */
  rules: Map<string, { name: string; properties: unknown }>;
};

/** The most of one page when contexts are asked for, as the service has it. */
const PAGE = 25;
const LIST = /^(\/.+)\/providers\/Microsoft\.AlertsManagement\/alerts$/i;

/** An alert rule of any kind. */
const RULE = /\/providers\/(microsoft\.(?:insights|alertsmanagement)\/[a-z]+)\/[^/]+$/i;

/**
 * The part of Azure Resource Manager that lists alerts and reads alert rules: a token is needed, times and conditions are
 * filtered, pages are linked.
 *
 * @see https://learn.microsoft.com/rest/api/monitor/alertsmanagement/alerts/get-all
 */
export async function startAzureAlerts(): Promise<AzureAlertsServer> {
  const kept: Pick<AzureAlertsServer, 'alerts' | 'rules'> = { alerts: [], rules: new Map() };
  let origin = '';
  const server = await startFaultyServer((request) => answer(request, kept, origin));
  origin = server.origin;
  const { received, faults, close } = server;
  return Object.assign(kept, { origin, received, faults, close });
}

function answer(request: Received, kept: Pick<AzureAlertsServer, 'alerts' | 'rules'>, origin: string): Answered {
  const url = new URL(request.path, origin);
  const path = decodeURIComponent(url.pathname);
  if (!/^Bearer \S+$/.test(request.headers.authorization ?? '')) return failure(401, 'AuthenticationFailed');
  if (url.searchParams.get('api-version') === null) return failure(400, 'MissingApiVersionParameter');
  const scope = LIST.exec(path)?.[1];
  if (scope !== undefined) return list(url, scope.toLowerCase(), kept.alerts);
  const rule = RULE.test(path) ? kept.rules.get(path.toLowerCase()) : undefined;
  return rule === undefined ? failure(404, 'ResourceNotFound') : json(200, { id: path, ...rule });
}

function list(url: URL, scope: string, alerts: readonly KeptAlert[]): Answered {
  const query = (name: string): string => url.searchParams.get(name) ?? '';
  if (query('includeContext') === 'true' && Number(query('pageCount')) > PAGE) return failure(400, 'BadRequest');
  const [from = '', to = ''] = query('customTimeRange').split('/');
  if (Number.isNaN(Date.parse(from)) || Number.isNaN(Date.parse(to))) return failure(400, 'BadRequest');
  const sorted = alerts
    .filter(({ id }) => id.toLowerCase().startsWith(`${scope}/`))
    .filter(({ properties }) => properties.essentials['monitorCondition'] === query('monitorCondition'))
    .filter(({ properties }) => isWithin(properties.essentials.startDateTime, from, to))
    .toSorted((a, b) => Date.parse(startOf(a)) - Date.parse(startOf(b)));
  const at = Number(url.searchParams.get('ctoken') ?? '0');
  const end = at + Number(query('pageCount') || PAGE);
  const next = new URL(url);
  next.searchParams.set('ctoken', String(end));
  return json(200, { value: sorted.slice(at, end), ...(end < sorted.length ? { nextLink: next.href } : {}) });
}

function startOf({ properties }: KeptAlert): string {
  return properties.essentials.startDateTime;
}

function isWithin(time: string, from: string, to: string): boolean {
  return Date.parse(time) >= Date.parse(from) && Date.parse(time) <= Date.parse(to);
}

function failure(status: number, code: string): Answered {
  return json(status, { error: { code, message: `${code}: this is a simulation` } });
}

function json(status: number, body: unknown): Answered {
  return { status, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(body) };
}
