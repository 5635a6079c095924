import { mayAct } from '../chat/entitlement.ts';
import { countWords } from '../chat/words.ts';
import type { IncidentRecord } from '../incidents/record.ts';
import type { Time } from '../model.ts';
import { auditRefusal } from '../pipeline/audit.ts';
import { markIncident } from '../pipeline/mark.ts';
import { type CommandDeps, plainAnswer, type Reply } from './command.ts';
import { findOpenIncident } from './find-incident.ts';

/** What a person does to an incident: low-risk, so an entitled person's word is the approval and runs at once. */
export type Act = {
  action: 'ack' | 'assign' | 'silence' | 'resolve';
  /** The incident as it was typed. */
  typed: string;
  detail?: string;
  /** Pure; gives the record itself where there is nothing to change. */
  change(record: IncidentRecord, now: Time): IncidentRecord;
  /** In the words of the answer: `k3f7q2ab (kv-contoso) is acknowledged`. */
  says(record: IncidentRecord): string;
};

/** What would have been done, in the words of a refusal. */
const DONE: Record<Act['action'], string> = {
  ack: 'acknowledged',
  assign: 'assigned',
  silence: 'silenced',
  resolve: 'resolved',
};

/** Refused to whom it is not allowed, audited either way, and done at once otherwise. */
export async function act(deps: CommandDeps, { action, typed, detail, change, says }: Act): Promise<Reply> {
  const found = await findOpenIncident(deps, typed);
  if (!found.ok) return found.reply;
  const { record } = found;
  const asked = { action, incidentId: record.id, ...(detail === undefined ? {} : { detail }) };
  const entitled = mayAct(deps.settings, deps.person.id, action, record.resource);
  if (!entitled.ok) {
    await auditRefusal(deps, deps.person, asked, entitled.reason);
    deps.log.warn('action-refused', { incident: record.id, action, person: deps.person.id });
    return { kind: 'answer', answer: { title: entitled.reason, lines: [entitled.nextStep], notes: [] } };
  }
  const name = `${record.id} (${record.resource.name})`;
  if (record.lifecycle.state === 'resolved')
    return plainAnswer(`${name} is over already`, [`'why ${record.id}' tells how it ended`]);
  // Its message follows its incidents and shows nothing else: what was done to it alone nobody would see, nor would it last.
  if (record.storm)
    return plainAnswer(
      `${name} tells of ${countWords(record.storm.incidents, 'incident')}, and is not ${DONE[action]} as one`,
      [
        `'${action}' one of them: 'why ${record.id}' names the worst, 'status' lists what is open`,
        'It is over by itself when they are',
      ],
    );
  const { changed, after } = await markIncident(deps, deps.person, { ...asked, change });
  const lines = changed ? [] : ['It was so before'];
  return { kind: 'answer', answer: { title: `${name} is ${says(after ?? record)}`, lines, notes: [] }, done: true };
}
