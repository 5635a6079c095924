import { owners } from '../evidence/owners.ts';
import { type PlatformRow, platform } from '../evidence/platform.ts';
import { rowsOf } from '../evidence/rows.ts';
import type { Evidence, Resource } from '../model.ts';

/** A row of an event of the provider; `here`: whether it is about the region of the resource, null where that is not known. */
export type ProviderEvent = PlatformRow & { here: boolean | null };

/** Services as the provider names them in its events, by type of resource. */
const SERVICES: Readonly<Record<string, RegExp>> = {
  'microsoft.keyvault/vaults': /key ?vault/i,
  'microsoft.keyvault/managedhsms': /key ?vault|managed hsm/i,
  'microsoft.appconfiguration/configurationstores': /app ?configuration/i,
};

/** What hands out tokens goes by several names. */
const IDENTITY = /entra|active directory|managed identit/i;

const EVERYWHERE = /^(global|non-regional|all regions?|)$/i;

/** Whether an event of these services, as listed by their names, is about the service that the resource belongs to. */
export function isOfService(services: string, { cloud, id, type }: Pick<Resource, 'cloud' | 'id' | 'type'>): boolean {
  if (cloud === 'aws') return serviceOfArn(id) === services.toLowerCase();
  return SERVICES[type.toLowerCase()]?.test(services) === true;
}

/** `lambda`; AWS Health writes the same names in upper case. */
function serviceOfArn(arn: string): string | undefined {
  return /^arn:[^:]+:([a-z0-9-]+):/.exec(arn)?.[1]?.replace(/-/g, '');
}

/** Whether the service is one that hands out tokens. */
export function givesTokens(service: string): boolean {
  return IDENTITY.test(service);
}

/** Whether one of the listed regions is the resource's own, or all are meant; null where its own is not known. */
export function isInRegion(regions: string, evidence: Evidence): boolean | null {
  const listed = regions.split(',').map((region) => region.trim());
  if (listed.some((region) => EVERYWHERE.test(region))) return true;
  const own = regionOf(evidence);
  return own === null ? null : listed.some((region) => plain(region) === plain(own));
}

/** Events of the resource's own service in its region and those that name it, or of the service of tokens anywhere; null where none could be read. */
export function eventsOf(what: 'own service' | 'identity', evidence: Evidence): ProviderEvent[] | null {
  const rows = rowsOf(evidence, platform);
  if (rows === null) return null;
  const isWanted = ({ service, named = false }: PlatformRow) =>
    what === 'identity' ? givesTokens(service) : named || isOfService(service, evidence.resource);
  return rows
    .filter((row) => isWanted(row) && overlaps(row, Date.parse(evidence.from), Date.parse(evidence.to)))
    .map((row) => ({ ...row, here: row.named === true || isInRegion(row.region, evidence) }))
    .filter(({ here }) => here !== false);
}

export function isOpen({ status }: Pick<PlatformRow, 'status'>): boolean {
  return status.toLowerCase() === 'active';
}

/** Half-open; what is open has no end yet, whatever is expected of it. */
function overlaps(row: PlatformRow, fromMs: number, toMs: number): boolean {
  if (row.startedMs === null || row.startedMs >= toMs) return false;
  return isOpen(row) || (row.mitigatedMs !== null && row.mitigatedMs > fromMs);
}

/** As Resource Graph has it, else as the alert said. */
function regionOf(evidence: Evidence): string | null {
  const self = (rowsOf(evidence, owners) ?? []).find(({ how }) => how === 'self');
  return self?.location || (evidence.resource.region ?? null);
}

/** `West Europe` and `westeurope` are one region. */
function plain(region: string): string {
  return region.toLowerCase().replace(/[^a-z0-9]/g, '');
}
