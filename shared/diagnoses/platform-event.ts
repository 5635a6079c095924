import { owners } from '../evidence/owners.ts';
import { platform } from '../evidence/platform.ts';
import type { Cause, Evidence, Fact, RelatedEvent, Time, Verdict } from '../model.ts';
import { cleanText } from '../sources/clean.ts';
import type { Diagnosis, DiagnosisContext } from './diagnosis.ts';
import { eventsOf, isInRegion, isOfService, isOpen, type ProviderEvent } from './provider-events.ts';
import { confidenceOf } from './verdict.ts';

const TEXT_MAX = 120;
/** Work that was announced is how things are; it began nothing that was not expected. */
const PLANNED = /planned|maintenance/i;
/** @see facts §7: `https://app.azure.com/h/{trackingId}/{first3+last3 of subscriptionId}` */
const TRACKING_ID = /^[A-Z0-9]{4}-[A-Z0-9]{3}$/;
/** Clouds with a portal of their own, where the link leads nowhere. */
const OTHER_CLOUD = /^(us ?gov|us ?dod|china)/i;
/** A resource that the provider itself says is in trouble. */
const UNHEALTHY = /^(unavailable|degraded)$/i;
/**
 * What Resource Health calls the provider's own doing. Of a vault it checks as well whether its customer asks too much: that is what
 * is to be explained, and no event of the provider.
 *
 * @see https://learn.microsoft.com/azure/service-health/resource-health-checks-resource-types (read 2026-11-21)
 */
const BY_PROVIDER = /^platform/i;

/**
 * The provider has an event open on this resource, or on its service in its region: told from Resource Graph, and from the
 * Service Health and Resource Health alerts that were received. Nothing says how much of what was refused it explains.
 */
export const platformEvent: Diagnosis = {
  kind: 'platform-event',
  needs: [platform.kind, owners.kind],
  fixes: ['follow-event'],
  cure: null,
  diagnose(context) {
    const [first] = [...fromAlerts(context), ...fromGraph(context.evidence)].sort(
      (a, b) => order(a) - order(b) || (a.startedAt ?? '').localeCompare(b.startedAt ?? ''),
    );
    return first === undefined ? [] : [causeFrom(first, context.evidence)];
  },
};

/** One event, wherever it is known from. */
type Told = {
  verdict: Verdict;
  title: string;
  service: string;
  region: string;
  status: string;
  trackingId: string;
  planned: boolean;
  /** The provider counts this very resource among those affected. */
  named: boolean;
  startedAt: Time | undefined;
  from: (column: string) => Fact['from'];
};

const ORDER: Readonly<Record<Verdict, number>> = { confirmed: 0, likely: 1, inconclusive: 2, 'ruled-out': 3 };

function order({ verdict, planned }: Told): number {
  return 2 * ORDER[verdict] + (planned ? 1 : 0);
}

function fromGraph(evidence: Evidence): Told[] {
  return (eventsOf('own service', evidence) ?? []).map((event) => ({
    ...event,
    verdict: verdictOf(event),
    named: event.named === true,
    planned: PLANNED.test(event.eventType),
    startedAt: event.startedMs === null ? undefined : new Date(event.startedMs).toISOString(),
    from: (column) => ({ kind: platform.kind, column, row: event.trackingId, window: 'incident' }),
  }));
}

/** One that is over may have been why; where it is not known where the resource is, it may be elsewhere. */
function verdictOf(event: ProviderEvent): Verdict {
  if (event.named === true) return isOpen(event) ? 'confirmed' : 'likely';
  return event.here === true && isOpen(event) ? 'likely' : 'inconclusive';
}

function fromAlerts({ evidence, related = [] }: DiagnosisContext): Told[] {
  return related.flatMap((event) => {
    const { facts = {} } = event;
    const verdict = verdictOfAlert(event, evidence);
    if (verdict === null) return [];
    return {
      verdict,
      title: event.text,
      service: facts['service'] ?? '',
      region: facts['region'] ?? '',
      status: facts['currentHealthStatus'] ?? facts['stage'] ?? '',
      trackingId: facts['trackingId'] ?? '',
      planned: PLANNED.test(facts['incidentType'] ?? ''),
      named: false,
      startedAt: timeOf(facts['impactStartTime']) ?? event.at,
      from: (column: string) => ({ kind: 'alert', column, row: event.alertId, window: 'incident' as const }),
    };
  });
}

function verdictOfAlert({ facts = {} }: RelatedEvent, evidence: Evidence): Verdict | null {
  const { currentHealthStatus, cause, service = '', region = '' } = facts;
  if (currentHealthStatus !== undefined) return UNHEALTHY.test(currentHealthStatus) ? verdictOfHealth(cause) : null;
  if (!isOfService(service, evidence.resource)) return null;
  const here = isInRegion(region, evidence);
  return here === false ? null : here ? 'likely' : 'inconclusive';
}

/** Where nothing is said of whose doing it is, it may be the provider's. */
function verdictOfHealth(cause: string | undefined): Verdict | null {
  if (cause === undefined) return 'likely';
  return BY_PROVIDER.test(cause) ? 'confirmed' : null;
}

function timeOf(text: string | undefined): Time | undefined {
  const ms = Date.parse(text ?? '');
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}

function causeFrom(event: Told, evidence: Evidence): Cause {
  const { verdict, planned, startedAt } = event;
  const what = planned ? 'maintenance under way' : 'an event open';
  const of = `${clean(event.service)}${event.region === '' ? '' : ` in ${clean(event.region)}`}`;
  const on = event.service === '' ? 'this very resource' : event.named ? `this very resource (${of})` : of;
  return {
    kind: platformEvent.kind,
    verdict,
    role: planned ? 'condition' : 'trigger',
    confidence: confidenceOf([verdict === 'confirmed' ? 1 : verdict === 'likely' ? 0.5 : 0]),
    explains: 0,
    ...(startedAt === undefined ? {} : { onset: startedAt }),
    victims: [],
    facts: factsOf(event, evidence),
    summary: `the provider has ${what} on ${on}`,
  };
}

function factsOf(event: Told, evidence: Evidence): Fact[] {
  const { title, status, trackingId, startedAt, from } = event;
  const link = linkOf(event, evidence);
  const facts: Fact[] = [
    { label: 'The provider says', value: clean(title), from: from('title') },
    { label: 'Status', value: clean(status), from: from('status') },
    { label: 'Tracking id', value: clean(trackingId), from: from('trackingId') },
    ...(startedAt === undefined ? [] : [{ label: 'Since', value: startedAt, from: from('startedMs') }]),
    ...(link === null ? [] : [{ label: 'Follow it at', value: link, from: from('trackingId') }]),
  ];
  return facts.filter(({ value }) => value !== '');
}

function linkOf({ trackingId, region }: Told, { resource }: Evidence): string | null {
  const subscription = /^\/subscriptions\/([0-9a-f]{3})[0-9a-f-]{30}([0-9a-f]{3})(?:\/|$)/i.exec(resource.id);
  if (subscription === null || !TRACKING_ID.test(trackingId) || OTHER_CLOUD.test(region)) return null;
  return `https://app.azure.com/h/${trackingId}/${subscription[1]}${subscription[2]}`;
}

function clean(text: string): string {
  return cleanText(text, TEXT_MAX);
}
