import type { LambdaFunctionURLResult } from 'aws-lambda';
import { HeadroomError } from '../shared/errors.ts';
import { configuredRoute, once } from '../shared/routes/configured.ts';
import { type ReadRouteDeps, readRoute } from '../shared/routes/read.ts';
import { log, readDeps } from './deps.ts';
import { answer, isFunctionUrlEvent, isIamCaller } from './http.ts';

/** `GET /api/health`, `/api/incidents`, `/api/incidents/{id}` by function URL. */
export function readHandler(makeDeps: () => Promise<ReadRouteDeps>) {
  const deps = once(makeDeps);
  const route = configuredRoute(async () => readRoute(await deps()), log);
  const routeForIam = configuredRoute(async () => readRoute({ ...(await deps()), access: { kind: 'open' } }), log);
  return async (event: unknown): Promise<LambdaFunctionURLResult> => {
    if (!isFunctionUrlEvent(event)) throw new HeadroomError('invalid', 'this function answers function URLs alone');
    return answer(isIamCaller(event) ? routeForIam : route, event);
  };
}

export const handler = readHandler(readDeps);
