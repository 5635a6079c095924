import { foldEpisode } from '../incidents/episode.ts';
import { isWeakOnly } from '../incidents/noise.ts';
import { type IncidentRecord, withLedger } from '../incidents/record.ts';
import type { Time } from '../model.ts';
import { type Policy, timeNow, type WorkDeps } from './deps.ts';
import { updateIncident } from './incidents.ts';
import { revise } from './revise.ts';

/** Whether a silence has run out over an incident that is still open, and no maintenance window holds it back. */
export function isSilenceOver(policy: Policy, record: IncidentRecord, now: Time): boolean {
  const { silencedUntil, lifecycle, resource } = record;
  if (silencedUntil === undefined || silencedUntil > now || lifecycle.state !== 'open') return false;
  return !policy.inMaintenance(resource, now);
}

/**
 * Looks at the incident again once its silence has run out: it is told as it stands now, also where the silence held its
 * first post back. Its alerts keep the outcome that they had.
 *
 * @returns 1 when it was ended here, else 0
 */
export async function endSilence(deps: WorkDeps, incidentId: string): Promise<number> {
  const now = timeNow(deps.clock);
  let ended = 0;
  await updateIncident(deps, incidentId, (record) => {
    ended = 0;
    if (!record || !isSilenceOver(deps.policy, record, now)) return record;
    ended = 1;
    const { silencedUntil: _until, ...rest } = record;
    const told = isOwed(record) ? { ...rest, toldSince: now } : rest;
    const noted = withLedger(told, { at: now, step: 'unsilenced' });
    return revise(record, noted, { policy: deps.policy, destinations: deps.senders, now });
  });
  if (ended > 0) await deps.queue.send({ v: 1, incidentId });
  return ended;
}

/** Nobody was told, and without the silence somebody would have been. */
function isOwed(record: IncidentRecord): boolean {
  const wasSilenced =
    (record.acceptedEarlier.silenced ?? 0) > 0 || record.accepted.some(({ outcome }) => outcome === 'silenced');
  return (
    wasSilenced && record.synthetic !== 'canary' && foldEpisode(record.episode).fired && !isWeakOnly(record.signals)
  );
}
