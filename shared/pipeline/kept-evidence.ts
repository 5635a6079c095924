import { createHash } from 'node:crypto';
import { isHeadroomError } from '../errors.ts';
import { attempts } from '../evidence/attempts.ts';
import { coverage } from '../evidence/coverage.ts';
import type { Evidence, Reading, Resource, Time } from '../model.ts';
import type { WorkDeps } from './deps.ts';
import { baselinesName, evidenceName } from './keys.ts';

/** Baselines by the store that gave them; a store that holds none of its baselines is there with none. */
export type KnownBaselines = ReadonlyMap<string, readonly Reading[]>;

/**
 * Kept to be looked at later, without the single tries, which are megabytes and say no more than what was made of them; the
 * answer does not wait for a store that is down.
 */
export async function keepEvidence(deps: WorkDeps, incidentId: string, evidence: Evidence): Promise<void> {
  const readings = evidence.readings.filter(({ kind }) => kind !== attempts.kind);
  try {
    await deps.payloads.put(evidenceName(incidentId), Buffer.from(JSON.stringify({ ...evidence, readings })));
  } catch (error) {
    if (!isHeadroomError(error)) throw error;
    deps.log.warn('evidence-not-kept', { incident: incidentId, kind: error.kind, error: error.message });
  }
}

/** Where the baselines of a resource stand; they themselves stay with one incident, as a person who is forgotten is in its evidence alone. */
type Pointer = { v: 1; incidentId: string };

/**
 * The same hours of another day, moved by a quarter of an hour, are as good a normal state; what is compared by the minute keeps to
 * the minutes that were read.
 */
const NEAR_MS = 15 * 60_000;

/**
 * What was read of other days, which does not change any more: by earlier runs of the incident, or for another incident of the
 * resource that began within a quarter of an hour. None where nothing was kept.
 */
export async function knownBaselines(
  deps: Pick<WorkDeps, 'payloads'>,
  { id, resource }: { id: string; resource: Resource },
  from: Time,
): Promise<KnownBaselines> {
  try {
    const own = await keptOf(deps, id);
    if (own?.from === from) return baselinesOf(own);
    const pointer = await readJson<Pointer>(deps, pointerName(resource));
    const other = pointer?.v === 1 && pointer.incidentId !== id ? await keptOf(deps, pointer.incidentId) : null;
    return other?.resource.id === resource.id && isNear(other.from, from) ? baselinesOf(other) : new Map();
  } catch (error) {
    if (!isHeadroomError(error)) throw error;
    return new Map();
  }
}

/** Lets other incidents of the resource find what this one has read of other days; nobody waits for a store that is down. */
export async function shareBaselines(
  deps: Pick<WorkDeps, 'payloads'>,
  incidentId: string,
  evidence: Evidence,
): Promise<void> {
  if (![...baselinesOf(evidence).values()].some((readings) => readings.length > 0)) return;
  const pointer: Pointer = { v: 1, incidentId };
  await deps.payloads
    .put(pointerName(evidence.resource), Buffer.from(JSON.stringify(pointer)))
    .catch((error: unknown) => {
      if (!isHeadroomError(error)) throw error;
    });
}

function pointerName({ id }: Resource): string {
  return baselinesName(createHash('sha256').update(id).digest('hex').slice(0, 32));
}

function isNear(one: Time, other: Time): boolean {
  return Math.abs(Date.parse(one) - Date.parse(other)) <= NEAR_MS;
}

function keptOf(deps: Pick<WorkDeps, 'payloads'>, incidentId: string): Promise<Evidence | null> {
  return readJson<Evidence>(deps, evidenceName(incidentId));
}

async function readJson<T>({ payloads }: Pick<WorkDeps, 'payloads'>, name: string): Promise<T | null> {
  const bytes = await payloads.get(name);
  return bytes === null ? null : JSON.parse(Buffer.from(bytes).toString('utf8'));
}

function baselinesOf({ readings }: Evidence): KnownBaselines {
  const asked = readings.filter(
    ({ kind, window, state }) => kind === coverage.kind && window === 'incident' && state === 'read',
  );
  return new Map(
    asked.map(({ store }) => [
      store,
      readings.filter(
        (reading) => reading.store === store && (reading.window === 'day-before' || reading.window === 'week-before'),
      ),
    ]),
  );
}
