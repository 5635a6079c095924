import { isLoopback } from '../shared/config/loopback.ts';
import { errorResponse, type Route, type RouteRequest } from '../shared/routes/http.ts';

export type Mounted = { path: string; route: Route };

/** The route whose path begins the request's, the longest first; 404 with the known paths otherwise. */
export function routerOf(mounted: readonly Mounted[]): Route {
  const ordered = mounted.toSorted((a, b) => b.path.length - a.path.length);
  const paths = mounted.map(({ path }) => path).join(', ');
  return async (request) => {
    const found = ordered.find(({ path }) => request.path === path || request.path.startsWith(`${path}/`));
    return found ? found.route(request) : errorResponse(404, 'there is nothing here', '', `there is ${paths}`);
  };
}

/**
 * Keeps web pages away from routes that are open on loopback: a page in a browser on this machine can send to 127.0.0.1,
 * and by DNS rebinding even read from it. It then carries another Origin, or a Host that is not this machine.
 */
export function guardLoopback(route: Route): Route {
  return async (request) =>
    isFromHere(request)
      ? route(request)
      : errorResponse(
          401,
          'the caller is not known',
          '',
          'a web page may not call this; use a program on this machine',
        );
}

function isFromHere(request: RouteRequest): boolean {
  const origin = request.header('origin');
  return (
    isLoopback(hostName(`http://${request.header('host') ?? ''}`)) &&
    (origin === undefined || isLoopback(hostName(origin)))
  );
}

function hostName(url: string): string {
  return URL.parse(url)?.hostname ?? '';
}
