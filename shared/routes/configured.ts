import { isHeadroomError, isRetryable } from '../errors.ts';
import type { Log } from '../ports.ts';
import { errorResponse, type Route, type RouteResponse } from './http.ts';

/**
 * A route that is made at its first request, and never rejects. While the configuration is wrong the process stays up and
 * the route answers 503, which action groups and SNS retry; what is wrong stands in the log, never in the answer.
 */
export function configuredRoute(make: () => Promise<Route>, log: Log): Route {
  return async (request) => {
    let route: Route;
    try {
      route = await make();
    } catch (error) {
      return notReady(error);
    }
    try {
      return await route(request);
    } catch (error) {
      return failed(error, log);
    }
  };
}

function notReady(error: unknown): RouteResponse {
  const misconfigured = isHeadroomError(error) && error.kind === 'configuration';
  return misconfigured
    ? errorResponse(503, 'this installation is not configured', '', 'the log of this process lists what is wrong')
    : errorResponse(503, 'this process could not start', '', 'send it again; see the log of this process');
}

function failed(error: unknown, log: Log): RouteResponse {
  const kind = isHeadroomError(error) ? error.kind : 'bug';
  log.error('route-failed', { kind, error: error instanceof Error ? error.message : 'unknown' });
  return isRetryable(error)
    ? errorResponse(503, 'what this needs does not answer', '', 'try again in a moment')
    : errorResponse(500, 'the request could not be handled', '', 'see the log of this process');
}
