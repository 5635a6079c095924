import { decideOutcomes, LONE_AFTER_MS } from '../incidents/outcome.ts';
import type { IncidentRecord } from '../incidents/record.ts';
import type { Stored } from '../ports.ts';
import { isPlanOverdue } from './act.ts';
import { canaryOf, type SeenCanary } from './canary.ts';
import type { OpenRecord } from './claim.ts';
import { timeNow, type WorkDeps } from './deps.ts';
import { isEscalationDue } from './escalate.ts';
import { readIncident, updateIncident } from './incidents.ts';
import { OPEN_PARTITION, openKey } from './keys.ts';
import { isOfferDue } from './offer.ts';
import { isUnshown } from './plans.ts';
import { endSilence, isSilenceOver } from './silence.ts';
import { isThreadDue } from './thread.ts';
import { unlessUnreadable } from './unless-unreadable.ts';
import { readVersioned } from './versions.ts';

const PAGE = 200;

/** A pointer of an incident that ended this long ago is no longer watched; receive makes a new one when needed. */
const POINTER_KEPT_MS = 24 * 3_600_000;

export type SweptIncidents = { incidentsRequeued: number; loneSettled: number; silencesEnded: number };

type Swept = SweptIncidents & {
  /** The latest canary that was met. */
  canary?: SeenCanary;
};

/** Takes up what dead processes left undone in incidents, and what has become due by time alone. */
export async function sweepIncidents(deps: WorkDeps, signal?: AbortSignal): Promise<Swept> {
  const swept: Swept = { incidentsRequeued: 0, loneSettled: 0, silencesEnded: 0 };
  let after: string | undefined;
  for (;;) {
    const page = await deps.records.list<OpenRecord>(OPEN_PARTITION, { limit: PAGE, ...(after ? { after } : {}) });
    for (const pointer of page) {
      signal?.throwIfAborted();
      await unlessUnreadable(deps, `pointer ${pointer.id}`, () => sweepPointer(deps, pointer, swept));
    }
    after = page.at(-1)?.id;
    if (page.length < PAGE) return swept;
  }
}

async function sweepPointer(deps: WorkDeps, pointer: Stored<OpenRecord>, swept: Swept): Promise<void> {
  const { incidentId, before, resolvedAt } = readVersioned(`pointer ${pointer.id}`, pointer.value);
  if (before !== undefined) await sweepIncident(deps, before, swept);
  const record = await sweepIncident(deps, incidentId, swept);
  const nowMs = deps.clock.now();
  if (record && resolvedAt !== undefined && nowMs - Date.parse(resolvedAt) > POINTER_KEPT_MS && isQuiet(record, nowMs))
    await deps.records.delete(openKey(pointer.id), pointer.revision);
}

async function sweepIncident(deps: WorkDeps, incidentId: string, swept: Swept): Promise<IncidentRecord | null> {
  const stored = await readIncident(deps, incidentId);
  if (!stored) return null;
  const nowMs = deps.clock.now();
  const overdue = overdueOf(deps, stored.value, nowMs) ?? (await unshownOf(deps, stored.value));
  if (overdue) {
    await deps.queue.send({ v: 1, incidentId, ...overdue });
    swept.incidentsRequeued += 1;
  }
  if (hasLone(stored.value, nowMs)) swept.loneSettled += await settleLone(deps, incidentId);
  if (isSilenceOver(deps.policy, stored.value, timeNow(deps.clock)))
    swept.silencesEnded += await endSilence(deps, incidentId);
  const canary = canaryOf(stored.value);
  if (canary && canary.receivedAt > (swept.canary?.receivedAt ?? '')) swept.canary = canary;
  return stored.value;
}

/** Nothing was heard of it for as long either: a pointer is not taken away under an alert that has just come. */
function isQuiet(record: IncidentRecord, nowMs: number): boolean {
  return record.accepted.every((alert) => nowMs - Date.parse(alert.receivedAt) > POINTER_KEPT_MS);
}

/** An effect, a diagnosis or a late run that nobody seems to be working on any more; what to queue for it. */
function overdueOf(deps: WorkDeps, record: IncidentRecord, nowMs: number): { runMinutes?: number } | null {
  const { sweepAfterMs } = deps.timing;
  const old = new Date(nowMs - sweepAfterMs).toISOString();
  const lastHeardOf = record.ledger.at(-1)?.at ?? old;
  const undelivered = record.effects.some(
    (effect) =>
      // A destination that is no longer configured is owed nothing.
      deps.senders.some(({ key }) => key === effect.key) &&
      ((effect.state === 'sending' && effect.until <= old) ||
        (effect.state === 'pending' && (effect.notBefore ?? lastHeardOf) <= old)),
  );
  const undiagnosed = record.diagnosing
    ? record.diagnosing.until <= old
    : record.diagnosedAt === undefined &&
      !record.storm &&
      !record.digest &&
      record.effects.length > 0 &&
      lastHeardOf <= old;
  const run = overdueRun(record, nowMs, sweepAfterMs);
  const unlooked = record.look !== undefined && record.look.at <= old;
  const untold = lastHeardOf <= old && isThreadDue(deps, record);
  const unplanned = isPlanOverdue(record, old) || (lastHeardOf <= old && isOfferDue(deps, record));
  const isOwed =
    unplanned ||
    untold ||
    undelivered ||
    undiagnosed ||
    unlooked ||
    isEscalationDue(deps, record, new Date(nowMs).toISOString());
  return isOwed || run.runMinutes !== undefined ? run : null;
}

/** What was said of a plan, by somebody whose process ended before it could queue it. */
async function unshownOf(deps: WorkDeps, record: IncidentRecord): Promise<Record<string, never> | null> {
  return deps.actions && (await isUnshown(deps, record)) ? {} : null;
}

function overdueRun(record: IncidentRecord, nowMs: number, sweepAfterMs: number): { runMinutes?: number } {
  const first = record.ledger.find((line) => line.step === 'diagnosed');
  if (!first) return {};
  const late = record.runs.planned.find(
    (minutes) => !record.runs.done.includes(minutes) && Date.parse(first.at) + minutes * 60_000 + sweepAfterMs <= nowMs,
  );
  return late === undefined ? {} : { runMinutes: late };
}

function hasLone(record: IncidentRecord, nowMs: number): boolean {
  return record.accepted.some(
    (alert) => alert.outcome === undefined && nowMs - Date.parse(alert.receivedAt) >= LONE_AFTER_MS,
  );
}

/** A Resolved whose Fired never came is counted, not posted. */
async function settleLone(deps: WorkDeps, incidentId: string): Promise<number> {
  const now = timeNow(deps.clock);
  const { after } = await updateIncident(deps, incidentId, (record) =>
    record ? decideOutcomes(record, { now, inMaintenance: false, destinations: [] }) : record,
  );
  return after ? 1 : 0;
}
