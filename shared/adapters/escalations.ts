import type { Escalation } from '../ports.ts';
import { escalationWebhook } from './escalation-webhook.ts';
import { pagerDuty } from './pagerduty/events.ts';

type Hidden = { reveal(): string };

/** The part of the configuration that says who is called when nobody acknowledges. */
export type EscalationChoices = {
  settings: { escalation?: { afterMs: number; webhook?: Hidden } };
  pagerdutyRoutingKey: Hidden | undefined;
  escalationSecret: Hidden | undefined;
  endpoints: { PAGERDUTY?: string | undefined };
};

/** What `WorkDeps` needs to call people; nothing where the settings have no `escalation`. */
export function escalationOf(
  { settings, pagerdutyRoutingKey, escalationSecret, endpoints }: EscalationChoices,
  now: () => number,
): { escalation?: { afterMs: number; targets: Escalation[] } } {
  const { escalation } = settings;
  if (!escalation) return {};
  const endpoint = endpoints.PAGERDUTY === undefined ? {} : { endpoint: endpoints.PAGERDUTY };
  const secret = escalationSecret === undefined ? {} : { secret: escalationSecret.reveal() };
  const targets = [
    ...(pagerdutyRoutingKey === undefined
      ? []
      : [pagerDuty({ routingKey: pagerdutyRoutingKey.reveal(), ...endpoint })]),
    ...(escalation.webhook === undefined
      ? []
      : [escalationWebhook({ url: escalation.webhook.reveal(), now, ...secret })]),
  ];
  return { escalation: { afterMs: escalation.afterMs, targets } };
}
