import { chatHandler } from '../lambdas/chat.ts';
import { readHandler } from '../lambdas/read.ts';
import { receiveHandler } from '../lambdas/receive.ts';
import { watchHandler } from '../lambdas/watch.ts';
import { workHandler } from '../lambdas/work.ts';
import type { AlertsRouteDeps } from '../shared/routes/alerts.ts';
import type { ChatRouteDeps } from '../shared/routes/chat.ts';
import type { Route } from '../shared/routes/http.ts';
import type { ReadRouteDeps } from '../shared/routes/read.ts';
import type { LocalDeps } from './deps.ts';
import { invokeRoute } from './invoke-lambda.ts';

/** The lambdas as AWS's own API invokes them, over the stores of this machine. Checks no signature: loopback only. */
export function lambdasRoute(
  deps: LocalDeps,
  alerts: AlertsRouteDeps,
  read: ReadRouteDeps,
  chat: ChatRouteDeps,
): Route {
  const handlers = {
    receive: receiveHandler(async () => alerts),
    chat: chatHandler(async () => chat),
    read: readHandler(async () => read),
    work: workHandler(async () => deps),
    watch: watchHandler(async () => deps),
  };
  return invokeRoute(handlers, deps);
}
