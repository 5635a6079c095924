import { type MarkRule, mark, markDiff, unmark } from '../actions/mark.ts';
import type { Refusal } from '../actions/word.ts';
import type { Destination } from '../incidents/effects.ts';
import { type IncidentRecord, withLedger } from '../incidents/record.ts';
import type { Time } from '../model.ts';
import { type AuditDeps, audited, auditRefusal, type Person } from './audit.ts';
import { syncPointer } from './claim.ts';
import { type Policy, type ReceiveDeps, timeNow } from './deps.ts';
import { readIncident, updateIncident } from './incidents.ts';
import { revise } from './revise.ts';

export type MarkDeps = AuditDeps &
  Pick<ReceiveDeps, 'queue'> & {
    policy: Policy;
    /** Where messages stand, which then have to be brought up to date. */
    destinations: readonly Destination[];
  };

export type Marking = {
  rule: MarkRule;
  incidentId: string;
  /** What is asked for, as the rule takes it. */
  params: unknown;
  /** The same in words, for the audit of what was begun. */
  detail?: string;
};

/**
 * Changes an incident on behalf of a person: audited with what has changed, its message brought up to date by the queue.
 * Asking twice changes nothing the second time. Whether the person is entitled to it is asked before.
 */
export async function markIncident(
  deps: MarkDeps,
  person: Person,
  { rule, incidentId, params, detail }: Marking,
): Promise<Changed> {
  const asked = { action: rule.id, incidentId, ...(detail === undefined ? {} : { detail }) };
  return change(deps, person, { asked, rule }, (record, now) => mark(rule, record, params, { by: person, now }));
}

/**
 * Takes back what was said last of an incident, as it stands at this moment. What cannot be is refused with the reason, and
 * audited.
 */
export async function unmarkIncident(
  deps: MarkDeps,
  person: Person,
  { rule, incidentId }: Pick<Marking, 'rule' | 'incidentId'>,
): Promise<{ ok: true; after: IncidentRecord } | Refusal> {
  const asked = { action: 'undo', incidentId, detail: rule.id };
  const seen: { refusal: Refusal } = {
    refusal: { ok: false, reason: `There is no incident '${incidentId}'`, nextStep: "'status' lists the open ones" },
  };
  const known = (await readIncident(deps, incidentId))?.value;
  const first = known ? unmark(rule, known, timeNow(deps.clock)) : seen.refusal;
  if (!first.ok) {
    await auditRefusal(deps, person, asked, first.reason);
    return first;
  }
  const { changed, after } = await change(deps, person, { asked, rule }, (record, now) => {
    const undone = unmark(rule, record, now);
    if (undone.ok) return undone.record;
    seen.refusal = undone;
    return record;
  });
  return changed && after ? { ok: true, after } : seen.refusal;
}

type Asked = { action: string; incidentId: string; detail?: string };

type Changed = { changed: boolean; after: IncidentRecord | null };

async function change(
  deps: MarkDeps,
  person: Person,
  { asked, rule }: { asked: Asked; rule: MarkRule },
  apply: (record: IncidentRecord, now: Time) => IncidentRecord,
): Promise<Changed> {
  const { incidentId } = asked;
  return audited(deps, person, asked, async () => {
    const now = timeNow(deps.clock);
    const { before, after } = await updateIncident(deps, incidentId, (record) => {
      const changed = record && apply(record, now);
      if (!record || !changed || changed === record) return record;
      const over = record.lifecycle.state === 'open' && changed.lifecycle.state === 'resolved';
      const noted = over ? withLedger(changed, { at: now, step: 'resolved', note: 'person' }) : changed;
      return revise(record, noted, { policy: deps.policy, destinations: deps.destinations, now, byPerson: true });
    });
    if (!before || !after || after === before) return { changed: false, after };
    if (after.lifecycle.state === 'resolved') await syncPointer(deps.records, after);
    await deps.queue.send({ v: 1, incidentId });
    const diff = markDiff(rule, before, after);
    return { changed: true, after, detail: asked.action === 'undo' ? `${rule.id}: ${diff}` : diff };
  });
}
