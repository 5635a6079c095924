import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { configuredRoute, once } from '../shared/routes/configured.ts';
import { readRoute } from '../shared/routes/read.ts';
import { log, readDeps } from './deps.ts';
import { answer } from './http.ts';

const deps = once(readDeps);
const route = configuredRoute(async () => readRoute(await deps()), log);

/** `GET api/health`, `api/incidents`, `api/incidents/{id}`. */
export async function read(request: HttpRequest): Promise<HttpResponseInit> {
  return answer(route, request);
}
