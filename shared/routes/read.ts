import { getIncident, type ListRequest, lineOf, listIncidents, type ReadDeps, viewOf } from '../pipeline/read.ts';
import type { Log } from '../ports.ts';
import { type Access, createRefusal, judgeCaller } from './auth.ts';
import { errorResponse, jsonResponse, type Route, type RouteRequest, type RouteResponse, wrongMethod } from './http.ts';

export type ReadRouteDeps = ReadDeps & {
  log: Log;
  access: Access;
  /** Whether the stores answer; gives no detail to the outside. */
  healthy(): Promise<boolean>;
};

/**
 * `GET /api/health` (open to all, no detail), `GET /api/incidents ?state&limit&after&alert`, `GET /api/incidents/{id}`.
 * Errors are `{ error, path, nextStep? }`: 400 query, 401, 404, 405; 503 while the store is down.
 */
export function readRoute(deps: ReadRouteDeps): Route {
  const refuseCaller = createRefusal(deps, 'read');
  return async (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return wrongMethod('this is read by GET', 'GET, HEAD');
    if (request.path === '/api/health') return health(deps);
    try {
      const judged = await judgeCaller(request, deps.access, { query: false });
      return judged.allowed ? await read(deps, request) : refuseCaller(judged.why);
    } catch (error) {
      deps.log.error('read-failed', { error: error instanceof Error ? error.message : 'unknown' });
      return errorResponse(503, 'the incidents could not be read', '', 'try again; see the log of this process');
    }
  };
}

async function read(deps: ReadRouteDeps, request: RouteRequest): Promise<RouteResponse> {
  const id = /^\/api\/incidents\/([^/]+)\/?$/.exec(request.path)?.[1];
  if (id !== undefined) return one(deps, id);
  if (/^\/api\/incidents\/?$/.test(request.path)) return list(deps, request);
  return errorResponse(404, 'there is nothing here', '', 'GET /api/incidents lists them');
}

async function health(deps: ReadRouteDeps): Promise<RouteResponse> {
  const healthy = await deps.healthy().catch(() => false);
  return jsonResponse(healthy ? 200 : 503, { status: healthy ? 'ok' : 'unavailable' });
}

async function one(deps: ReadRouteDeps, id: string): Promise<RouteResponse> {
  const record = await getIncident(deps, id);
  if (!record) return errorResponse(404, `no incident ${id.slice(0, 20)}`, 'id', 'GET /api/incidents lists them');
  return jsonResponse(200, viewOf(record));
}

const MAX_LIMIT = 100;

async function list(deps: ReadRouteDeps, request: RouteRequest): Promise<RouteResponse> {
  const asked: ListRequest = { limit: 50 };
  const state = request.query.get('state');
  if (state === 'open' || state === 'resolved') asked.state = state;
  else if (state !== null) return errorResponse(400, "state is 'open' or 'resolved'", 'state');
  const limit = request.query.get('limit');
  if (limit !== null) {
    if (!/^\d{1,3}$/.test(limit) || Number(limit) < 1 || Number(limit) > MAX_LIMIT)
      return errorResponse(400, `limit is a whole number from 1 to ${MAX_LIMIT}`, 'limit');
    asked.limit = Number(limit);
  }
  const after = request.query.get('after');
  if (after !== null) asked.after = after;
  const alert = request.query.get('alert');
  if (alert !== null) {
    if (!/^[\w:.-]{1,200}$/.test(alert)) return errorResponse(400, 'alert is the id of an alert', 'alert');
    asked.alert = alert;
  }
  const { incidents, next } = await listIncidents(deps, asked);
  return jsonResponse(200, { incidents: incidents.map(lineOf), ...(next === undefined ? {} : { next }) });
}
