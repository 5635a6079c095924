import { effectWords } from '../chat/effect.ts';
import { outcomeWords } from '../chat/plans.ts';
import { createMask } from '../chat/privacy.ts';
import { mayOffer, offerPlans } from '../pipeline/offer.ts';
import { getIncident } from '../pipeline/read.ts';
import { type Command, type CommandDeps, plainAnswer, type Reply } from './command.ts';
import { findIncident } from './find-incident.ts';

/** What could be done about an incident, is being done or was: also what has expired is offered anew. */
export const actions: Command = {
  name: 'actions',
  usage: 'actions <incident>',
  example: 'actions k3f7q2ab',
  summary: 'what can be done about it, and what was done',
  slow: true,
  parse(words) {
    const [typed, ...rest] = words;
    if (typed === undefined || rest.length > 0) return { ok: false, problem: 'actions takes one incident or resource' };
    return { ok: true, run: (deps) => list(deps, typed) };
  },
};

async function list(deps: CommandDeps, typed: string): Promise<Reply> {
  const found = await findIncident(deps, typed);
  if (!found.ok) return found.reply;
  const { id, resource, verified } = found.record;
  const name = `${id} (${resource.name})`;
  if (!deps.actions)
    return plainAnswer(`Nothing is done about ${name}: actions are off`, ['HEADROOM_ACTIONS=on turns them on']);
  if (!verified)
    return plainAnswer(`Nothing is done about ${name}, which is unverified`, [
      'Name its subscription or account in scopes of headroom.json, if it is yours',
    ]);
  const { rules, mayAct } = deps.actions;
  const isAsked = rules.some((rule) => mayAct(deps.person.id, rule.id, resource).ok);
  if (isAsked && mayOffer(found.record)) await offerPlans(deps, found.record, true);
  const record = (await getIncident(deps, id)) ?? found.record;
  const mask = createMask(record, deps.privacy, false);
  const plans = (record.plans ?? []).filter(({ state }) => state !== 'expired');
  const notes = (record.planNotes ?? []).map(({ text, nextStep }) => ({
    text: mask.text(text, 300),
    ...(nextStep === undefined ? {} : { nextStep: mask.text(nextStep, 400) }),
  }));
  if (plans.length === 0)
    return {
      kind: 'answer',
      answer: { title: `Nothing is offered for ${name}`, lines: [whyNothing(record.findings.length)], notes },
    };
  const rows = plans.map((plan) => [
    plan.id,
    mask.text(plan.title, 80),
    mask.text(plan.diff, 120),
    effectWords(plan) ?? '-',
    outcomeWords(plan, record, mask),
  ]);
  return {
    kind: 'answer',
    answer: {
      title: `What can be done about ${name}`,
      lines: ["'approve <plan>' has it done, 'reject <plan>' ends the offer, 'undo <plan>' takes it back"],
      table: { columns: ['plan', 'what', 'change', 'predicted', 'state'], rows },
      notes,
    },
  };
}

function whyNothing(findings: number): string {
  return findings === 0
    ? 'No cause is known yet'
    : 'No cause was found whose caller obeys levers: name its app among aliases in headroom.json';
}
