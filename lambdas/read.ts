import type { LambdaFunctionURLResult } from 'aws-lambda';
import { HeadroomError } from '../shared/errors.ts';
import { configuredRoute } from '../shared/routes/configured.ts';
import { keptWhile } from '../shared/routes/live-config.ts';
import { type ReadRouteDeps, readRoute } from '../shared/routes/read.ts';
import { log, readDeps } from './deps.ts';
import { answer, isFunctionUrlEvent, isIamCaller } from './http.ts';
import { measured } from './measured.ts';

/** `GET /api/health`, `/api/incidents`, `/api/incidents/{id}` by function URL. */
export function readHandler(deps: () => Promise<ReadRouteDeps>) {
  const route = configuredRoute(keptWhile(deps, readRoute), log);
  const open = (given: ReadRouteDeps) => readRoute({ ...given, access: { kind: 'open' } });
  const routeForIam = configuredRoute(keptWhile(deps, open), log);
  return async (event: unknown): Promise<LambdaFunctionURLResult> => {
    if (!isFunctionUrlEvent(event)) throw new HeadroomError('invalid', 'this function answers function URLs alone');
    return answer(isIamCaller(event) ? routeForIam : route, event);
  };
}

export const handler = measured('read', readHandler(readDeps));
