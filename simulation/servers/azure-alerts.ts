import { type Answered, type FaultyServer, type Received, startFaultyServer } from './faulty-server.ts';

/** An alert as Alerts Management keeps it: its id and `properties`. */
export type KeptAlert = {
  id: string;
  properties: { essentials: Record<string, unknown> & { startDateTime: string }; [name: string]: unknown };
};

export type AzureAlertsServer = Pick<FaultyServer, 'origin' | 'received' | 'faults' | 'weather' | 'close'> & {
  /** What is listed, in any order. */
  alerts: KeptAlert[];
  /** Alert rules by id, lower-cased. */
  rules: Map<string, { name: string; properties: unknown }>;
  /** Alert processing rules by id, lower-cased. */
  processingRules: Map<string, { location: string; properties: unknown }>;
  /** Requests that changed something. */
  changes: string[];
};

type Kept = Pick<AzureAlertsServer, 'alerts' | 'rules' | 'processingRules' | 'changes'>;

/** The most of one page when contexts are asked for, as the service has it. */
const PAGE = 25;
const LIST = /^(\/.+)\/providers\/Microsoft\.AlertsManagement\/alerts$/i;

const ALERT = /^(\/.+\/providers\/Microsoft\.AlertsManagement\/alerts\/[^/]+)(?:\/changestate)?$/i;
const PROCESSING_RULE = /\/providers\/Microsoft\.AlertsManagement\/actionRules\/[^/]+$/i;

/** An alert rule of any kind. */
const RULE = /\/providers\/(microsoft\.(?:insights|alertsmanagement)\/[a-z]+)\/[^/]+$/i;

/**
 * The part of Azure Resource Manager that lists alerts, changes their state, reads alert rules and keeps alert processing
 * rules: a token is needed, times and conditions are filtered, pages are linked.
 *
 * @see https://learn.microsoft.com/rest/api/monitor/alertsmanagement/alerts/get-all
 */
export async function startAzureAlerts(): Promise<AzureAlertsServer> {
  const kept: Kept = { alerts: [], rules: new Map(), processingRules: new Map(), changes: [] };
  let origin = '';
  const server = await startFaultyServer((request) => answer(request, kept, origin));
  origin = server.origin;
  const { received, faults, weather, close } = server;
  return Object.assign(kept, { origin, received, faults, weather, close });
}

function answer(request: Received, kept: Kept, origin: string): Answered {
  const url = new URL(request.path, origin);
  const path = decodeURIComponent(url.pathname);
  if (!/^Bearer \S+$/.test(request.headers.authorization ?? '')) return failure(401, 'AuthenticationFailed');
  if (url.searchParams.get('api-version') === null) return failure(400, 'MissingApiVersionParameter');
  const scope = LIST.exec(path)?.[1];
  if (scope !== undefined) return list(url, scope.toLowerCase(), kept.alerts);
  if (PROCESSING_RULE.test(path)) return processingRule(request, path.toLowerCase(), kept);
  const alert = ALERT.exec(path);
  if (alert) return alertState(request, alert[1] ?? '', url, kept);
  const rule = RULE.test(path) ? kept.rules.get(path.toLowerCase()) : undefined;
  return rule === undefined ? failure(404, 'ResourceNotFound') : json(200, { id: path, ...rule });
}

/** One alert, or the change of its state. @see https://learn.microsoft.com/rest/api/monitor/alertsmanagement/alerts/change-state */
function alertState(request: Received, id: string, url: URL, kept: Kept): Answered {
  const alert = kept.alerts.find((one) => one.id.toLowerCase() === id.toLowerCase());
  if (!alert) return failure(404, 'AlertNotFound');
  if (request.method === 'POST') {
    const state = url.searchParams.get('newState') ?? '';
    if (!['New', 'Acknowledged', 'Closed'].includes(state)) return failure(400, 'BadRequest');
    alert.properties.essentials['alertState'] = state;
    kept.changes.push(`${id} ${state}`);
  }
  return json(200, alert);
}

/** @see https://learn.microsoft.com/rest/api/monitor/alertprocessingrules/alert-processing-rules */
function processingRule({ method, body }: Received, id: string, { processingRules, changes }: Kept): Answered {
  if (method === 'DELETE') {
    changes.push(`DELETE ${id}`);
    return processingRules.delete(id) ? { status: 200, body: '' } : { status: 204, body: '' };
  }
  if (method === 'PUT') {
    const sent: { location: string; properties: { scopes: string[]; actions: unknown[] } } = JSON.parse(body);
    if (sent.location !== 'Global' || sent.properties.scopes.length === 0 || sent.properties.actions.length === 0)
      return failure(400, 'InvalidRequest');
    const isNew = !processingRules.has(id);
    processingRules.set(id, sent);
    changes.push(`PUT ${id}`);
    return json(isNew ? 201 : 200, { id, ...sent });
  }
  const rule = processingRules.get(id);
  return rule ? json(200, { id, ...rule }) : failure(404, 'ResourceNotFound');
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
