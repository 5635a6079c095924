import { asHeadroomError } from '../errors.ts';
import { type IncidentRecord, isPosted } from '../incidents/record.ts';
import type { Alert, SecondRegion } from '../model.ts';
import type { FirstRegion } from '../ports.ts';
import type { OpenRecord } from './claim.ts';
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
 * @param known the incident as it stands here: one that is told here already stays here
 */
export async function turnOf(deps: WorkDeps, known: IncidentRecord | null, alerts: readonly Alert[]): Promise<Turn> {
  const { firstRegion } = deps;
  const [oldest] = alerts.map(({ receivedAt }) => receivedAt).sort();
  if (!firstRegion || oldest === undefined || (known && isPosted(known))) return { whose: 'ours' };
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

export type Merged = { incidentsMerged: number };

const PAGE = 200;

/**
 * Once the first region answers again: what both of them work on is merged into its incident, to which the message here
 * then points. Stops quietly at the first call that it does not answer.
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
  const { before, after } = await updateIncident(deps, incidentId, (record) =>
    !record?.secondRegion || record.secondRegion.mergedInto !== undefined
      ? record
      : revise(
          record,
          { ...record, secondRegion: { ...record.secondRegion, mergedInto } },
          { policy: deps.policy, destinations: deps.senders, now: timeNow(deps.clock) },
        ),
  );
  if (!after || after === before) return false;
  await deps.queue.send({ v: 1, incidentId });
  return true;
}
