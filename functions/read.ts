import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { tellAnswer } from '../shared/adapters/telemetry/attributes.ts';
import { configuredRoute } from '../shared/routes/configured.ts';
import { keptWhile } from '../shared/routes/live-config.ts';
import { readRoute } from '../shared/routes/read.ts';
import { log, readDeps, telemetry } from './deps.ts';
import { answer } from './http.ts';

const route = configuredRoute(keptWhile(readDeps, readRoute), log);

/** `GET api/health`, `api/incidents`, `api/incidents/{id}`. */
export async function read(request: HttpRequest): Promise<HttpResponseInit> {
  return telemetry.call(
    'read',
    () => answer(route, request),
    ({ status }) => tellAnswer({ status }),
  );
}
