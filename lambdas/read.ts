import type { LambdaFunctionURLEvent, LambdaFunctionURLResult } from 'aws-lambda';
import { configuredRoute, once } from '../shared/routes/configured.ts';
import { type ReadRouteDeps, readRoute } from '../shared/routes/read.ts';
import { readDeps } from './deps.ts';
import { answer, isIamCaller } from './http.ts';

/** `GET /api/health`, `/api/incidents`, `/api/incidents/{id}` by function URL. */
export function readHandler(deps: () => Promise<ReadRouteDeps>) {
  const route = configuredRoute(once(async () => readRoute(await deps())));
  const routeForIam = configuredRoute(once(async () => readRoute({ ...(await deps()), access: { kind: 'open' } })));
  return async (event: LambdaFunctionURLEvent): Promise<LambdaFunctionURLResult> =>
    answer(isIamCaller(event) ? routeForIam : route, event);
}

export const handler = readHandler(readDeps);
