import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { tellAnswer } from '../shared/adapters/telemetry/attributes.ts';
import { chatRoute } from '../shared/routes/chat.ts';
import { configuredRoute } from '../shared/routes/configured.ts';
import { keptWhile } from '../shared/routes/live-config.ts';
import { chatDeps, log, telemetry } from './deps.ts';
import { answer } from './http.ts';

const route = configuredRoute(keptWhile(chatDeps, chatRoute), log);

/** `POST api/slack/{commands|interactions}`, `api/teams/{messages|webhook}`: what chat platforms send, answered within their time. */
export async function chat(request: HttpRequest): Promise<HttpResponseInit> {
  return telemetry.call(
    'chat',
    () => answer(route, request),
    ({ status }) => tellAnswer({ status }),
  );
}
