import { buildMessage } from '../chat/message.ts';
import type { IncidentRecord } from '../incidents/record.ts';
import type { Escalated, Time } from '../model.ts';
import type { EscalationEvent } from '../ports.ts';

const DETAILS_MAX = 12;

/**
 * What a service that calls people is told: what the message says, masked, since whoever is called reads it on another
 * company's servers.
 */
export function eventOf(record: IncidentRecord, { step, count, unsure }: Escalated, at: Time): EscalationEvent {
  const message = buildMessage(record, { privacy: 'masked' });
  const facts = message.facts.slice(0, DETAILS_MAX).map(({ label, value }) => [label, value]);
  const { id, name, type } = record.resource;
  return {
    step,
    incidentId: record.id,
    id: `${record.id}-${count}`,
    at,
    severity: record.severity,
    summary: message.title,
    resource: { id, name, type },
    details: { Summary: message.lead.join('\n'), Status: message.status, ...Object.fromEntries(facts) },
    links: message.links,
    possibleRepeat: unsure ?? false,
  };
}
