import { unmark } from '../actions/mark.ts';
import { effectWords } from '../chat/effect.ts';
import { outcomeWords } from '../chat/plans.ts';
import { createMask } from '../chat/privacy.ts';
import type { IncidentRecord } from '../incidents/record.ts';
import { mayOffer, offerPlans } from '../pipeline/offer.ts';
import { getIncident } from '../pipeline/read.ts';
import { ACTIONS } from '../registry.ts';
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
  const marked = markedLines(record, deps.clock.now());
  if (plans.length === 0) {
    const title = `Nothing is offered for ${name}`;
    return { kind: 'answer', answer: { title, lines: [whyNothing(record.findings.length), ...marked], notes } };
  }
  // Whoever approves by this list is to see all of what is approved: a table would cut it.
  const lines = plans.flatMap((plan) => {
    const effect = effectWords(plan);
    const promise = effect === undefined ? '' : ` (predicted: ${effect})`;
    return [
      `${plan.id}: ${mask.text(plan.title, 100)}: ${outcomeWords(plan, record, mask)}`,
      `${plan.id}: ${mask.text(plan.diff, 200)}${promise}`,
    ];
  });
  const how = "'approve <plan>' has it done, 'reject <plan>' ends the offer, 'undo <plan>' takes it back";
  return {
    kind: 'answer',
    answer: { title: `What can be done about ${name}`, lines: [...lines, ...marked, how], notes },
  };
}

/** What people have said of it, as far as it can be taken back. */
function markedLines(record: IncidentRecord, nowMs: number): string[] {
  const now = new Date(nowMs).toISOString();
  return ACTIONS.flatMap((rule) =>
    rule.needs === 'word' && record.marked?.[rule.id] && unmark(rule, record, now).ok
      ? [`It is ${rule.done}: 'undo ${rule.id} ${record.id}' takes that back`]
      : [],
  );
}

function whyNothing(findings: number): string {
  return findings === 0
    ? 'No cause is known yet'
    : 'No cause was found whose caller obeys levers: name its app among aliases in headroom.json';
}
