import { isHeadroomError } from '../errors.ts';
import { attempts } from '../evidence/attempts.ts';
import { coverage } from '../evidence/coverage.ts';
import type { Evidence, Reading, Time } from '../model.ts';
import type { WorkDeps } from './deps.ts';
import { evidenceName } from './keys.ts';

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

/**
 * What earlier runs of an incident read of other days, which does not change any more: a run that reads late logs need not ask
 * for it again. None where nothing was kept, or of another beginning.
 */
export async function keptBaselines(deps: WorkDeps, incidentId: string, from: Time): Promise<KnownBaselines> {
  try {
    const bytes = await deps.payloads.get(evidenceName(incidentId));
    const kept: Evidence | null = bytes === null ? null : JSON.parse(Buffer.from(bytes).toString('utf8'));
    return kept === null || kept.from !== from ? new Map() : baselinesOf(kept);
  } catch (error) {
    if (!isHeadroomError(error)) throw error;
    return new Map();
  }
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
