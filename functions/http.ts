import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { fromWebRequest, type Route } from '../shared/routes/http.ts';

/** Answers a request of the Functions host through a route. */
export async function answer(route: Route, request: HttpRequest): Promise<HttpResponseInit> {
  const { status, headers, body } = await route(fromWebRequest(request));
  return { status, headers, body };
}
