import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { tellAnswer } from '../shared/adapters/telemetry/attributes.ts';
import { alertsRoute } from '../shared/routes/alerts.ts';
import { configuredRoute } from '../shared/routes/configured.ts';
import { keptWhile } from '../shared/routes/live-config.ts';
import { log, receiveDeps, telemetry } from './deps.ts';
import { answer } from './http.ts';

const route = configuredRoute(keptWhile(receiveDeps, alertsRoute), log);

/** `POST api/alerts/{source}`: 202 once the alert is kept; 503, which action groups retry, while it cannot be. */
export async function receive(request: HttpRequest): Promise<HttpResponseInit> {
  return telemetry.call('receive', () => answer(route, request), tellAnswer);
}
