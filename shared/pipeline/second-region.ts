import { asHeadroomError } from '../errors.ts';
import { closeByMerge } from '../incidents/accept.ts';
import { type IncidentRecord, isPosted, withLedger } from '../incidents/record.ts';
import type { Alert, SecondRegion } from '../model.ts';
import type { FirstRegion } from '../ports.ts';
import { type OpenRecord, syncPointer } from './claim.ts';
import { timeNow, type WorkDeps } from './deps.ts';
import { readIncident, updateIncident } from './incidents.ts';
import { OPEN_PARTITION } from './keys.ts';
import { revise } from './revise.ts';

/** How long the first region is given to take an alert up (field-notes 25). */
export const FIRST_REGION_MS = 90_000;

export type Turn =
  /** The first region has time left. */
  { whose: 'nobody'; waitMs: number } | { whose: 'theirs' } | { whose: 'ours'; secondRegion?: SecondRegion };

/**
 * Whose turn the alerts of one incident are: in the second region those that the first works on are left to it. A shared
 * claim over two stores is not to be had cheaply, so a partition may have both of them post: the second says so.
 *
 * @param known the incident as it stands here: one that is told here already stays here, unless it was merged since
 */
export async function turnOf(deps: WorkDeps, known: IncidentRecord | null, alerts: readonly Alert[]): Promise<Turn> {
  const { firstRegion } = deps;
  const [oldest] = alerts.map(({ receivedAt }) => receivedAt).sort();
  if (!firstRegion || oldest === undefined || (known && isToldHere(known))) return { whose: 'ours' };
  const waitMs = Date.parse(oldest) + FIRST_REGION_MS - deps.clock.now();
  if (waitMs > 0) return { whose: 'nobody', waitMs };
  try {
    for (const { id } of alerts) if (await firstRegion.findWorked(id)) return { whose: 'theirs' };
    return { whose: 'ours', secondRegion: { why: 'not-taken-up' } };
  } catch (error) {
    const known = asHeadroomError(error, 'bug', 'asking the first region failed');
    deps.log.warn('first-region-silent', { kind: known.kind, error: known.message, nextStep: known.nextStep });
    return { whose: 'ours', secondRegion: { why: 'no-answer' } };
  }
}

function isToldHere(known: IncidentRecord): boolean {
  return isPosted(known) && known.secondRegion?.mergedInto === undefined;
}

export type Merged = { incidentsMerged: number };

const PAGE = 200;

/**
 * Once the first region answers again: what both of them work on is merged into its incident. Here it is over, and its
 * message points there. Stops quietly at the first call that it does not answer.
 */
export async function mergeBack(deps: WorkDeps, signal?: AbortSignal): Promise<Merged> {
  const merged = { incidentsMerged: 0 };
  const { firstRegion } = deps;
  if (!firstRegion) return merged;
  let after: string | undefined;
  for (;;) {
    const page = await deps.records.list<OpenRecord>(OPEN_PARTITION, { limit: PAGE, ...(after ? { after } : {}) });
    for (const { value } of page) {
      signal?.throwIfAborted();
      const record = (await readIncident(deps, value.incidentId))?.value;
      if (!record?.secondRegion || record.secondRegion.mergedInto !== undefined) continue;
      const theirs = await findAny(firstRegion, record, signal);
      if (theirs !== null && (await merge(deps, record.id, theirs))) merged.incidentsMerged += 1;
    }
    after = page.at(-1)?.id;
    if (page.length < PAGE) return merged;
  }
}

/** Of the alerts of a long incident the first and the latest tell enough. */
const ASKED_MAX = 5;

async function findAny(
  firstRegion: FirstRegion,
  { accepted }: IncidentRecord,
  signal: AbortSignal | undefined,
): Promise<string | null> {
  const ids = [...new Set([...accepted.slice(0, 1), ...accepted.slice(1 - ASKED_MAX)].map(({ id }) => id))];
  for (const id of ids) {
    const found = await firstRegion.findWorked(id, signal);
    if (found) return found.incidentId;
  }
  return null;
}

async function merge(deps: WorkDeps, incidentId: string, mergedInto: string): Promise<boolean> {
  const now = timeNow(deps.clock);
  const { before, after } = await updateIncident(deps, incidentId, (record) => {
    if (!record?.secondRegion || record.secondRegion.mergedInto !== undefined) return record;
    const closed = closeByMerge({ ...record, secondRegion: { ...record.secondRegion, mergedInto } }, now);
    const isOver = record.lifecycle.state === 'open' && closed.lifecycle.state === 'resolved';
    const noted = isOver ? withLedger(closed, { at: now, step: 'resolved', note: 'merge' }) : closed;
    return revise(record, noted, { policy: deps.policy, destinations: deps.senders, now });
  });
  if (!after || after === before) return false;
  await syncPointer(deps.records, after);
  await deps.queue.send({ v: 1, incidentId });
  return true;
}
