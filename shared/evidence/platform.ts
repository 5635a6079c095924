import * as z from 'zod/mini';
import type { EvidenceKind } from './kind.ts';

const row = z.object({
  trackingId: z.string(),
  /** `ServiceIssue`, `PlannedMaintenance`, `EmergingIssues` … */
  eventType: z.string(),
  /** `Active` or `Resolved`. */
  status: z.string(),
  title: z.string(),
  /** As the provider names them: `Key Vault`, `West Europe`; a region may be `Global`. */
  service: z.string(),
  region: z.string(),
  startedMs: z.nullable(z.number()),
  /** When it was, or is to be, mended; null where nothing is said. */
  mitigatedMs: z.nullable(z.number()),
  /** The provider counts this very resource among those that the event affects; absent where that was not asked. */
  named: z.exactOptional(z.boolean()),
});

export type PlatformRow = z.infer<typeof row>;

/** An event is known to begin and end by the hour, and late. */
const AROUND = '1h';
const ROWS_MAX = 200;

/**
 * Events of the provider on the subscription that are open or overlap the window, a row for each service and region, latest
 * first, and whether the resource is listed as affected. Service Health is itself late by 15 to 60 min, and lists resources of some
 * events only. The health of the resource itself is not asked for: Resource Graph keeps that of virtual machines alone.
 *
 * @see https://learn.microsoft.com/azure/service-health/azure-resource-graph-overview
 */
export const platform: EvidenceKind<PlatformRow> = {
  kind: 'platform',
  row,
  baseline: false,
  about: () => true,
  resourceGraph: ({ resource, from, to }) => `servicehealthresources
| where type =~ "microsoft.resourcehealth/events" and ${resource} startswith strcat("/subscriptions/", tolower(subscriptionId), "/")
| extend eventType = tostring(properties.EventType), status = tostring(properties.Status)
| extend startedAt = ${moment('ImpactStartTime')}, mitigatedAt = ${moment('ImpactMitigationTime')}
| extend event = tolower(tostring(properties.TrackingId))
| where eventType in~ ("ServiceIssue", "PlannedMaintenance", "EmergingIssues")
| where startedAt < ${to} and (status =~ "Active" or mitigatedAt >= ${from} - ${AROUND})
| mv-expand impact = properties.Impact
| mv-expand place = impact.ImpactedRegions
| join kind=leftouter (servicehealthresources
  | where type =~ "microsoft.resourcehealth/events/impactedresources" and tolower(tostring(properties.targetResourceId)) == ${resource}
  | extend event = tostring(split(tostring(split(tolower(id), "/events/")[1]), "/")[0])
  | summarize affected = count() by event) on event
| project trackingId = tostring(properties.TrackingId), eventType, status, title = tostring(properties.Title),
    service = tostring(impact.ImpactedService), region = tostring(place.ImpactedRegion),
    startedMs = tolong((startedAt - datetime(1970-01-01)) / 1ms),
    mitigatedMs = tolong((mitigatedAt - datetime(1970-01-01)) / 1ms), named = isnotnull(affected)
| order by startedMs desc, trackingId asc, service asc, region asc
| take ${ROWS_MAX}`,
};

/** Some subscriptions hold it as text, some as ticks. */
function moment(property: string): string {
  return `coalesce(todatetime(tostring(properties.${property})), todatetime(tolong(properties.${property})))`;
}
