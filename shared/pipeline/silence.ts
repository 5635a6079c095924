import { foldEpisode } from '../incidents/episode.ts';
import { isWeakOnly } from '../incidents/noise.ts';
import { type IncidentRecord, isPosted, withLedger } from '../incidents/record.ts';
import type { Time } from '../model.ts';
import { type Policy, timeNow, type WorkDeps } from './deps.ts';
import { updateIncident } from './incidents.ts';
import { revise } from './revise.ts';

/**
 * Whether nothing keeps an open incident quiet any more, neither a silence nor a maintenance window, and it has not been told
 * so yet: its silence has run out, or what opened in a window or a silence that somebody ended was told to nobody.
 */
export function isSilenceOver(policy: Policy, record: IncidentRecord, now: Time): boolean {
  const { silencedUntil, lifecycle, resource } = record;
  if (lifecycle.state !== 'open' || (silencedUntil !== undefined && silencedUntil > now)) return false;
  const isUntold = isOwed(record) && !isPosted(record);
  return (silencedUntil !== undefined || isUntold) && !policy.inMaintenance(resource, now);
}

/**
 * Looks at the incident again once its silence has run out, or the maintenance window is over: it is told as it stands now,
 * also where its first post was held back. Its alerts keep the outcome that they had.
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

/** Without the silence or the maintenance window somebody would have been told. */
function isOwed(record: IncidentRecord): boolean {
  const wasSilenced =
    (record.acceptedEarlier.silenced ?? 0) > 0 || record.accepted.some(({ outcome }) => outcome === 'silenced');
  return (
    wasSilenced && record.synthetic !== 'canary' && foldEpisode(record.episode).fired && !isWeakOnly(record.signals)
  );
}
