import type { Alert, RelatedEvent } from '../model.ts';
import { type IncidentRecord, isPosted } from './record.ts';

/** Provider events that one incident names; a seventh says nothing new. */
const MAX_RELATED = 6;

/** Families whose incidents a provider's event can explain. */
const EXPLAINED = new Set(['throttle', 'availability', 'identity']);

/** Whether a provider's event (service or resource health) belongs to this incident: open, told, and in the event's scope. */
export function isInScope(event: Alert, incident: IncidentRecord): boolean {
  if (incident.lifecycle.state !== 'open' || !isPosted(incident) || !EXPLAINED.has(incident.family)) return false;
  if ((incident.synthetic ?? '') !== (event.synthetic ?? '')) return false;
  const { id, cloud, scope, region } = event.resource;
  // AWS tells of a service in a region, by an alarm that is itself no part of any resource.
  if (cloud === 'aws') {
    const { resource } = incident;
    return (
      resource.cloud === 'aws' &&
      resource.scope === scope &&
      (region ?? resource.region) === (resource.region ?? region)
    );
  }
  return incident.resource.id === id || incident.resource.id.startsWith(`${id}/`);
}

/** The incident with the event named in it; naming the same alert again changes nothing. */
export function relate(incident: IncidentRecord, event: Alert): IncidentRecord {
  const known = incident.related ?? [];
  if (known.length >= MAX_RELATED || known.some(({ alertId }) => alertId === event.id)) return incident;
  const related = { alertId: event.id, at: event.firedAt, text: describe(event), facts: factsOf(event) };
  return { ...incident, related: [...known, related] };
}

/** What a cause is told from. */
const FACTS = [
  'service',
  'region',
  'stage',
  'trackingId',
  'currentHealthStatus',
  'cause',
  'incidentType',
  'impactStartTime',
] as const;

/** As the deployment names what AWS Health tells: service, then the code of the event. */
const AWS_HEALTH = /^aws-health-([A-Z0-9]+)-(\w+)$/;

function factsOf({ rule, signals, custom, resource }: Alert): Record<string, string> {
  const [, service, code] = AWS_HEALTH.exec(rule) ?? [];
  const aws =
    service === undefined ? {} : { service, trackingId: code ?? '', region: resource.region ?? '', stage: 'open' };
  const known: Record<string, string> = { ...custom, ...aws, ...signals[0]?.dimensions };
  return Object.fromEntries(
    FACTS.flatMap((name) => (known[name] === undefined ? [] : [[name, known[name].slice(0, 200)]])),
  );
}

function describe(event: Alert): RelatedEvent['text'] {
  const dimensions = event.signals[0]?.dimensions ?? {};
  const parts = ['service', 'region', 'currentHealthStatus', 'stage', 'trackingId'].flatMap(
    (name) => dimensions[name] ?? [],
  );
  return `${event.description ?? event.rule}${parts.length === 0 ? '' : ` (${parts.join(', ')})`}`.slice(0, 300);
}
