import { factsOf } from '../custom.ts';
import { type Fields, fieldsOf, listOf, textOf } from '../read.ts';
import { readSignal } from '../signal.ts';
import type { Details } from './details.ts';

/** Stages after which an event is over, whatever its kind: issue, maintenance, advisory. */
const ENDED = new Set(['resolved', 'rca', 'complete', 'completed', 'canceled', 'cancelled']);

/**
 * Service Health events. Each communication about one event is a separate alert that says Fired; what joins them is the
 * tracking id, and the stage tells whether it is over. Numbers and strings, and services as an array or as JSON text,
 * are all in official samples.
 */
export function readServiceHealth(context: Fields): Details {
  const properties = fieldsOf(context['properties']);
  const trackingId = textOf(properties['trackingId']);
  const stage = textOf(properties['stage']) ?? textOf(context['status']);
  const impacted = impactOf(properties['impactedServices']);
  const service = textOf(properties['service']) ?? impacted.services;
  const region = textOf(properties['region']) ?? impacted.regions;
  return {
    category: 'service-health',
    signals: [
      readSignal({
        metric: textOf(properties['incidentType']) ?? 'Service Health event',
        namespace: 'Microsoft.ServiceHealth',
        dimensions: Object.entries(factsOf({ service, region, stage, trackingId })),
      }),
    ],
    facts: factsOf({
      trackingId,
      stage,
      incidentType: textOf(properties['incidentType']),
      service,
      region,
      impactedServices: impacted.services,
      impactedRegions: impacted.regions,
      impactStartTime: textOf(properties['impactStartTime']),
      impactMitigationTime: textOf(properties['impactMitigationTime']),
    }),
    description: textOf(properties['title']) ?? textOf(properties['defaultLanguageTitle']),
    episode: trackingId,
    ended: ENDED.has(stage?.toLowerCase() ?? ''),
    beganAt: properties['impactStartTime'],
    isTest: textOf(properties['IsSynthetic'])?.toLowerCase() === 'true',
  };
}

type Impact = { services: string | undefined; regions: string | undefined };

function impactOf(value: unknown): Impact {
  const services = servicesOf(value).map(fieldsOf);
  const regions = services.flatMap((service) => listOf(service['ImpactedRegions']).map(fieldsOf));
  return {
    services: namesOf(services.map((service) => service['ServiceName'])),
    regions: namesOf(regions.map((region) => region['RegionName'])),
  };
}

function servicesOf(value: unknown): readonly unknown[] {
  if (typeof value !== 'string') return listOf(value).slice(0, 50);
  try {
    return listOf(JSON.parse(value)).slice(0, 50);
  } catch {
    // Service and region stand beside it in plain text.
    return [];
  }
}

function namesOf(values: readonly unknown[]): string | undefined {
  const names = new Set(values.slice(0, 50).flatMap((value) => textOf(value) ?? []));
  return names.size === 0 ? undefined : [...names].join(', ');
}
