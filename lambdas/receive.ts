import type { LambdaFunctionURLResult } from 'aws-lambda';
import { tellAnswer } from '../shared/adapters/telemetry/attributes.ts';
import { type Received, receiveAlerts } from '../shared/pipeline/receive.ts';
import { type AlertsRouteDeps, alertsRoute } from '../shared/routes/alerts.ts';
import { configuredRoute } from '../shared/routes/configured.ts';
import { keptWhile } from '../shared/routes/live-config.ts';
import { cloudwatch } from '../shared/sources/cloudwatch.ts';
import { log, receiveDeps } from './deps.ts';
import { answer, isFunctionUrlEvent } from './http.ts';
import { measured } from './measured.ts';

/**
 * `POST /api/alerts/{source}` by function URL: 202 once the alert is kept; 503 while it cannot be.
 *
 * A CloudWatch alarm's direct action, an EventBridge event or an SNS event: comes from AWS itself, under the function's own
 * resource policy, so no token is asked for. What is not understood is kept and not tried again; while the store is down
 * the call rejects, and Lambda tries again.
 */
export function receiveHandler(deps: () => Promise<AlertsRouteDeps>) {
  const route = configuredRoute(keptWhile(deps, alertsRoute), log);
  return async (event: unknown): Promise<LambdaFunctionURLResult | Received> => {
    if (isFunctionUrlEvent(event)) return answer(route, event);
    const raw = Buffer.from(JSON.stringify(event));
    return receiveAlerts(await deps(), { source: cloudwatch, body: event, raw });
  };
}

export const handler = measured('receive', receiveHandler(receiveDeps), (result) =>
  typeof result === 'string' || 'ok' in result ? {} : tellAnswer(result),
);
