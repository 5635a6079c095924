import type { Deed } from '../chat/post-incident.ts';
import type { Records } from '../ports.ts';
import type { AuditEntry } from './audit.ts';
import { incidentPartition } from './keys.ts';
import { readVersioned } from './versions.ts';

const PAGE = 200;
/** More than anybody reads of one incident. */
const DEEDS_MAX = 500;

/** What people did about the incident, and what was refused to them, oldest first. */
export async function listDeeds({ records }: { records: Records }, incidentId: string): Promise<Deed[]> {
  const deeds: Deed[] = [];
  let after = 'audit~';
  while (deeds.length < DEEDS_MAX) {
    const page = await records.list<AuditEntry>(incidentPartition(incidentId), { after, limit: PAGE });
    const audits = page.filter(({ id }) => id.startsWith('audit~'));
    deeds.push(...audits.map(({ id, value }) => readVersioned(`audit record ${id}`, value)));
    if (audits.length < PAGE) break;
    after = audits.at(-1)?.id ?? after;
  }
  return deeds;
}
