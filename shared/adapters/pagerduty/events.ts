import { HeadroomError } from '../../errors.ts';
import type { Severity } from '../../model.ts';
import type { Escalation, EscalationEvent } from '../../ports.ts';
import { postJson } from '../post-json.ts';

export type PagerDutyOptions = {
  /** Integration key of a service (Events API v2), a secret. */
  routingKey: string;
  /** Base URL in place of `https://events.pagerduty.com`: that of the EU service region, a proxy, an emulator. */
  endpoint?: string;
  /** For everything, the answer included; default 5,000. */
  timeoutMs?: number;
};

/** @see https://developer.pagerduty.com/docs/send-alert-event for the fields and their limits */
const SUMMARY_MAX = 1_024;
const SEVERITIES: Readonly<Record<Severity, string>> = {
  0: 'critical',
  1: 'critical',
  2: 'error',
  3: 'warning',
  4: 'info',
};

/** @see https://developer.pagerduty.com/docs/send-alert-event: 32 characters */
const ROUTING_KEY = /^[A-Za-z0-9]{32}$/;

/** A resolve without an open incident of its key changes nothing, and calls nobody. No incident's id is as long. */
const RESOLVED_NOTHING = { event_action: 'resolve', dedup_key: 'headroom-doctor' };

/**
 * PagerDuty Events API v2. The incident's id is the `dedup_key`, so an event that is sent again changes nothing there, and
 * what was acknowledged or resolved here is so there.
 */
export function pagerDuty(options: PagerDutyOptions): Escalation {
  const target = {
    name: 'PagerDuty',
    url: new URL('/v2/enqueue', options.endpoint ?? 'https://events.pagerduty.com').href,
    timeoutMs: options.timeoutMs ?? 5_000,
    nextStep: 'Check HEADROOM_PAGERDUTY_ROUTING_KEY: the integration key of a service, of type Events API v2.',
  };
  return {
    key: 'pagerduty',
    async send(event, signal) {
      await postJson(target, bodyOf(event, options.routingKey), signal);
    },
    async probe(signal) {
      if (!ROUTING_KEY.test(options.routingKey))
        throw new HeadroomError(
          'configuration',
          'HEADROOM_PAGERDUTY_ROUTING_KEY is no integration key of 32 characters',
          {
            nextStep: target.nextStep,
          },
        );
      await postJson(target, { ...RESOLVED_NOTHING, routing_key: options.routingKey }, signal);
      return 'took the resolve of an incident that there is not: it is reached, and does not refuse the key';
    },
  };
}

function bodyOf(event: EscalationEvent, routingKey: string): Record<string, unknown> {
  const { step, incidentId, summary, severity, at, resource, details, links } = event;
  const key = { routing_key: routingKey, event_action: step, dedup_key: incidentId };
  if (step !== 'trigger') return key;
  return {
    ...key,
    client: 'Headroom',
    payload: {
      summary: summary.slice(0, SUMMARY_MAX),
      source: resource.id,
      severity: SEVERITIES[severity],
      timestamp: at,
      component: resource.name,
      class: resource.type,
      custom_details: details,
    },
    links: links.map(({ url, label }) => ({ href: url, text: label })),
  };
}
