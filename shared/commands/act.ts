import type { MarkRule } from '../actions/mark.ts';
import { mayAct } from '../chat/entitlement.ts';
import { countWords, timeWords } from '../chat/words.ts';
import type { IncidentRecord } from '../incidents/record.ts';
import type { Note } from '../model.ts';
import { auditRefusal } from '../pipeline/audit.ts';
import { markIncident, unmarkIncident } from '../pipeline/mark.ts';
import { type CommandDeps, plainAnswer, type Reply } from './command.ts';
import { findOpenIncident } from './find-incident.ts';

const ISO_TIME = /\d{4}-\d\d-\d\dT[\d:.]+Z/;

/** What a person does to an incident: low-risk, so an entitled person's word is the approval and runs at once. */
export type Act = {
  rule: MarkRule;
  /** The incident as it was typed. */
  typed: string;
  params: unknown;
  /** The same in words. */
  detail?: string;
  /** What else could be done now that it is so. */
  follows?(record: IncidentRecord): Note[];
};

/** Refused to whom it is not allowed, audited either way, and done at once otherwise. */
export async function act(deps: CommandDeps, { rule, typed, params, detail, follows }: Act): Promise<Reply> {
  const asked = { action: rule.id, ...(detail === undefined ? {} : { detail }) };
  const found = await findEntitled(deps, rule, typed, asked);
  if (!found.ok) return found.reply;
  const { record } = found;
  const name = nameOf(record);
  if (record.lifecycle.state === 'resolved')
    return plainAnswer(`${name} is over already`, [`'why ${record.id}' tells how it ended`]);
  // Its message follows its incidents and shows nothing else: what was done to it alone nobody would see, nor would it last.
  if (record.storm)
    return plainAnswer(
      `${name} tells of ${countWords(record.storm.incidents, 'incident')}, and is not ${rule.done} as one`,
      [
        `'${rule.id}' one of them: 'why ${record.id}' names the worst, 'status' lists what is open`,
        'It is over by itself when they are',
      ],
    );
  const marking = { rule, incidentId: record.id, params, ...(detail === undefined ? {} : { detail }) };
  const { changed, after } = await markIncident(deps, deps.person, marking);
  const now = after ?? record;
  const undo = rule.restore ? [`'undo ${rule.id} ${record.id}' takes it back`] : [];
  const lines = changed ? undo : ['It was so before'];
  const notes = follows?.(now) ?? [];
  return { kind: 'answer', answer: { title: `${name} is ${standsWords(rule, now)}`, lines, notes }, done: true };
}

/** Takes back what was done so: for those who may do it. */
export async function takeBack(deps: CommandDeps, rule: MarkRule, typed: string): Promise<Reply> {
  const found = await findEntitled(deps, rule, typed, { action: 'undo', detail: rule.id });
  if (!found.ok) return found.reply;
  const answered = await unmarkIncident(deps, deps.person, { rule, incidentId: found.record.id });
  if (!answered.ok) return plainAnswer(answered.reason, [answered.nextStep]);
  const title = `${nameOf(found.record)} is ${standsWords(rule, answered.after)}, as before`;
  return { kind: 'answer', answer: { title, lines: [], notes: [] }, done: true };
}

type Found = { ok: true; record: IncidentRecord } | { ok: false; reply: Reply };

async function findEntitled(
  deps: CommandDeps,
  rule: MarkRule,
  typed: string,
  asked: { action: string; detail?: string },
): Promise<Found> {
  const found = await findOpenIncident(deps, typed);
  if (!found.ok) return found;
  const { record } = found;
  const entitled = mayAct(deps.settings, deps.person.id, rule.id, record.resource);
  if (entitled.ok) return found;
  await auditRefusal(deps, deps.person, { ...asked, incidentId: record.id }, entitled.reason);
  deps.log.warn('action-refused', { incident: record.id, action: rule.id, person: deps.person.id });
  const answer = { title: entitled.reason, lines: [entitled.nextStep], notes: [] };
  return { ok: false, reply: { kind: 'answer', answer } };
}

/** How it stands, with times as people read them. */
function standsWords({ stands }: MarkRule, record: IncidentRecord): string {
  return stands(record).replace(ISO_TIME, timeWords);
}

function nameOf({ id, resource }: IncidentRecord): string {
  return `${id} (${resource.name})`;
}
