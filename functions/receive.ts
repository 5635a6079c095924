import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { alertsRoute } from '../shared/routes/alerts.ts';
import { configuredRoute, once } from '../shared/routes/configured.ts';
import { log, receiveDeps } from './deps.ts';
import { answer } from './http.ts';

const deps = once(receiveDeps);
const route = configuredRoute(async () => alertsRoute(await deps()), log);

/** `POST api/alerts/{source}`: 202 once the alert is kept; 503, which action groups retry, while it cannot be. */
export async function receive(request: HttpRequest): Promise<HttpResponseInit> {
  return answer(route, request);
}
