import type { LambdaFunctionURLResult } from 'aws-lambda';
import { HeadroomError } from '../shared/errors.ts';
import { type ChatRouteDeps, chatRoute } from '../shared/routes/chat.ts';
import { configuredRoute } from '../shared/routes/configured.ts';
import { keptWhile } from '../shared/routes/live-config.ts';
import { chatDeps, log } from './deps.ts';
import { answer, isFunctionUrlEvent } from './http.ts';
import { measured } from './measured.ts';

/** `POST /api/slack/{commands|interactions}`, `/api/teams/{messages|webhook}` by function URL: what chat platforms send. */
export function chatHandler(deps: () => Promise<ChatRouteDeps>) {
  const route = configuredRoute(keptWhile(deps, chatRoute), log);
  return async (event: unknown): Promise<LambdaFunctionURLResult> => {
    if (!isFunctionUrlEvent(event)) throw new HeadroomError('invalid', 'this function answers function URLs alone');
    return answer(route, event);
  };
}

export const handler = measured('chat', chatHandler(chatDeps));
