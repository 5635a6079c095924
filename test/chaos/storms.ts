import type { IncidentRecord } from '../../shared/incidents/record.ts';
import type { Installation } from './installation.ts';

/**
 * What does not hold of storms: an incident is told at a destination by itself or in one storm, never both and never
 * neither; a storm tells of exactly those, as they are; it is over when all of them are.
 */
export async function stormsBroken(
  installation: Installation,
  incidents: readonly IncidentRecord[],
): Promise<string[]> {
  const storms = new Map(incidents.flatMap((incident) => (incident.storm ? [[incident.id, incident] as const] : [])));
  const broken: string[] = [];
  for (const incident of incidents)
    for (const [destination, stormId] of Object.entries(incident.summarisedIn ?? {})) {
      if (storms.get(stormId)?.storm?.destination !== destination)
        broken.push(`incident ${incident.id} is told in ${stormId}, which is no storm of ${destination}`);
      if (incident.effects.some(({ key }) => key === destination))
        broken.push(`incident ${incident.id} is told at ${destination} by itself and in ${stormId}`);
    }
  for (const [id, storm] of storms) broken.push(...stormBroken(id, storm, incidents, await installation.membersOf(id)));
  return broken;
}

function stormBroken(
  id: string,
  { storm, lifecycle, effects }: IncidentRecord,
  incidents: readonly IncidentRecord[],
  members: readonly string[],
): string[] {
  const told = incidents.filter(({ summarisedIn }) => Object.values(summarisedIn ?? {}).includes(id));
  const open = told.filter((incident) => incident.lifecycle.state === 'open');
  const broken: string[] = [];
  const listed = members.toSorted().join();
  if (
    listed !==
    told
      .map((incident) => incident.id)
      .sort()
      .join()
  )
    broken.push(`storm ${id} lists ${listed}`);
  if (storm?.incidents !== told.length || storm.open !== open.length)
    broken.push(
      `storm ${id} tells of ${storm?.incidents}, ${storm?.open} open, and has ${told.length}, ${open.length} open`,
    );
  if (storm?.overAt === undefined) broken.push(`storm ${id} has never ended`);
  if ((lifecycle.state === 'open') !== open.length > 0)
    broken.push(`storm ${id} is ${lifecycle.state} with ${open.length} open incidents`);
  if (effects.length !== 1 || effects[0]?.key !== storm?.destination)
    broken.push(`storm ${id} is told at ${effects.map(({ key }) => key).join()}`);
  return broken;
}
