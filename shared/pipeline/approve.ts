import { isTimeFor } from '../actions/action.ts';
import { approve, askUndo, type Moved, type Refusal, reject } from '../actions/word.ts';
import { identitiesOf } from '../chat/entitlement.ts';
import type { Settings } from '../config.ts';
import type { IncidentRecord } from '../incidents/record.ts';
import type { Plan } from '../model.ts';
import { type AuditDeps, auditRefusal, type Person } from './audit.ts';
import { type ActionDeps, timeNow } from './deps.ts';
import { readIncident } from './incidents.ts';
import { incidentOf } from './keys.ts';
import { type PlanDeps, readPlan, showPlan, updatePlan } from './plans.ts';

/** What a person may say of a plan. */
export type Word = 'approve' | 'reject' | 'undo';

export type WordDeps = PlanDeps & AuditDeps & { settings: Pick<Settings, 'identities'> };

export type Answered = { ok: true; plan: Plan } | Refusal;

/**
 * Takes what a person says of a plan, as it stands at this moment: who they are, what was shown to them, whether it is open,
 * intact and not expired, and whether its incident is. What is refused is told to them with the reason, and audited. What is
 * taken is in the plan's record; it is run by the queue.
 */
export async function giveWord(deps: WordDeps, person: Person, word: Word, planId: string): Promise<Answered> {
  const answered = await decide(deps, person, word, planId);
  if (!answered.ok) {
    const asked = { action: word, incidentId: incidentOf(planId), detail: planId };
    await auditRefusal(deps, person, asked, answered.reason);
    deps.log.warn('word-refused', { plan: planId, word, person: person.id, reason: answered.reason });
    return answered;
  }
  await showPlan(deps, answered.plan);
  await deps.queue.send({ v: 1, incidentId: answered.plan.incidentId });
  return answered;
}

async function decide(deps: WordDeps, person: Person, word: Word, planId: string): Promise<Answered> {
  const { actions, settings } = deps;
  if (!actions)
    return {
      ok: false,
      reason: 'Actions are off in this installation',
      nextStep: 'HEADROOM_ACTIONS=on turns them on; docs/actions.md says what they need',
    };
  const [stored, known] = await Promise.all([readPlan(deps, planId), readIncident(deps, incidentOf(planId))]);
  if (!stored || !known) return noPlan(planId);
  const record = known.value;
  const entitled = actions.mayAct(person.id, stored.value.action, record.resource);
  if (!entitled.ok) return entitled;
  const closed = word === 'undo' ? null : whyClosed(deps, actions, record, stored.value);
  if (closed) return closed;
  const shownHash = record.plans?.find(({ id }) => id === planId)?.hash ?? '';
  const at = timeNow(deps.clock);
  const by = { id: person.id, name: person.name };
  const moved: { last: Moved } = { last: noPlan(planId) };
  await updatePlan(deps, planId, (plan) => {
    const said =
      word === 'approve'
        ? approve(plan, { at, ...by, identities: identitiesOf(settings, person.id) }, shownHash)
        : word === 'reject'
          ? reject(plan, by, at)
          : askUndo(plan, by, at);
    moved.last = said;
    return said.ok ? said.plan : plan;
  });
  return moved.last;
}

function noPlan(planId: string): Refusal {
  return {
    ok: false,
    reason: `There is no plan '${planId.slice(0, 40)}'`,
    nextStep: "'actions <incident>' lists what is offered",
  };
}

/** An incident that is over, or of which nobody can tell whether it is true, is not acted on. */
function whyClosed(
  { policy, clock }: WordDeps,
  { rules }: ActionDeps,
  record: IncidentRecord,
  plan: Plan,
): Refusal | null {
  const { id, resource, lifecycle, verified } = record;
  const rule = rules.find((one) => one.id === plan.action);
  if (rule && rule.when !== 'over' && lifecycle.state === 'resolved')
    return {
      ok: false,
      reason: `${id} (${resource.name}) is over already`,
      nextStep: `'why ${id}' tells how it ended`,
    };
  if (rule && !isTimeFor(rule, record, timeNow(clock)))
    return { ok: false, reason: `${plan.id} is not what is offered now`, nextStep: `'actions ${id}' shows what is` };
  if (verified && policy.verifies(resource)) return null;
  return {
    ok: false,
    reason: `${id} (${resource.name}) is unverified, and nothing is done about it`,
    nextStep: 'Name its subscription or account in scopes of headroom.json, if it is yours',
  };
}
