import { isHeadroomError } from '../errors.ts';
import { errorResponse, type Route } from './http.ts';

/**
 * A route that is made at its first request. While the configuration is wrong the process stays up and the route answers
 * 503, which action groups and SNS retry; what is wrong stands in the log, never in the answer.
 */
export function configuredRoute(make: () => Promise<Route>): Route {
  return async (request) => {
    let route: Route;
    try {
      route = await make();
    } catch (error) {
      const misconfigured = isHeadroomError(error) && error.kind === 'configuration';
      return misconfigured
        ? errorResponse(503, 'this installation is not configured', '', 'the log of this process lists what is wrong')
        : errorResponse(503, 'this process could not start', '', 'send it again; see the log of this process');
    }
    return route(request);
  };
}

/**
 * Makes a value at the first call and keeps it. A wrong configuration is kept too, since a running process does not
 * change its environment; any other failure is forgotten, so that the next call tries again.
 */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make().catch((error: unknown) => {
      if (!isHeadroomError(error) || error.kind !== 'configuration') made = null;
      throw error;
    });
    return made;
  };
}
