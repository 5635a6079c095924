import type { IncidentRecord, Standing } from '../incidents/record.ts';
import type { Time } from '../model.ts';
import { canonical } from './canonical.ts';
import type { Refusal } from './word.ts';

/** Who asks for it, and when. */
export type Asked = { by: { id: string; name: string }; now: Time };

/**
 * One thing that people say of an incident, which changes Headroom's own record of it alone. The risk is low, so the word of
 * one who is entitled is the approval, and it is done at once; it is taken back like everything else. Pure.
 */
export type MarkRule = {
  needs: 'word';
  /** The command that asks for it, and what approvers are entitled to. */
  id: string;
  /** In the words of docs and lists. */
  summary: string;
  touches: 'incident';
  when: 'open';
  risk: 'low';
  /** What somebody finds done: `acknowledged`. */
  done: string;
  /** What it changes; whoever has changed one of them since is not overruled by an undo. */
  fields: readonly (keyof Standing)[];
  /** The incident as it is wanted; itself where it is so already. */
  change(record: IncidentRecord, params: unknown, asked: Asked): IncidentRecord;
  /** How it stands, for the difference: `acknowledged by alex`. */
  stands(record: Pick<IncidentRecord, keyof Standing | 'unsilencedAt' | 'lifecycle'>): string;
  /** The incident as it stood before; absent where it cannot be taken back. */
  restore?(record: IncidentRecord, before: Standing, now: Time): IncidentRecord;
};

/** The incident as the rule has it, with what is needed to take it back; itself where that changes nothing. */
export function mark(rule: MarkRule, record: IncidentRecord, params: unknown, asked: Asked): IncidentRecord {
  const changed = rule.change(record, params, asked);
  if (changed === record || !rule.restore) return changed;
  const { by, now } = asked;
  const taken = { at: now, by, before: standingOf(rule, record), after: standingOf(rule, changed) };
  return { ...changed, marked: { ...changed.marked, [rule.id]: taken } };
}

/** Takes back what the rule has done last, unless somebody has changed it since. */
export function unmark(
  rule: MarkRule,
  record: IncidentRecord,
  now: Time,
): { ok: true; record: IncidentRecord } | Refusal {
  const name = `${record.id} (${record.resource.name})`;
  if (!rule.restore && record.lifecycle.state === 'resolved')
    return {
      ok: false,
      reason: `That ${name} is ${rule.done} cannot be taken back`,
      nextStep: 'An alert that fires within 15 min opens it again',
    };
  if (record.lifecycle.state === 'resolved')
    return { ok: false, reason: `${name} is over already`, nextStep: `'why ${record.id}' tells how it ended` };
  const taken = record.marked?.[rule.id];
  if (!taken || !rule.restore)
    return {
      ok: false,
      reason: `Nobody has ${rule.done} ${name} here, so there is nothing to take back`,
      nextStep: `'why ${record.id}' shows how it stands`,
    };
  if (canonical(standingOf(rule, record)) !== canonical(taken.after))
    return {
      ok: false,
      reason: `${name} is ${rule.stands(record)}: it is not as ${taken.by.name} left it, and stays`,
      nextStep: `'help' lists what can be done with it now`,
    };
  const { [rule.id]: _taken, ...others } = record.marked ?? {};
  const restored = rule.restore(record, taken.before, now);
  return { ok: true, record: { ...restored, marked: others } };
}

/** What has changed, in words: `not acknowledged -> acknowledged by alex`. */
export function markDiff({ stands }: MarkRule, before: IncidentRecord, after: IncidentRecord): string {
  return `${stands(before)} -> ${stands(after)}`;
}

function standingOf({ fields }: MarkRule, record: IncidentRecord): Standing {
  const { acknowledged, assigned, silencedUntil } = record;
  return {
    ...(fields.includes('acknowledged') && acknowledged ? { acknowledged } : {}),
    ...(fields.includes('assigned') && assigned ? { assigned } : {}),
    ...(fields.includes('silencedUntil') && silencedUntil !== undefined ? { silencedUntil } : {}),
  };
}
