import type { Approval, Plan, PlanPhase, Time } from '../model.ts';
import { approversNeeded, isApprovable, isIntact, isUndoable, step } from './plan.ts';

/** What is refused to a person: the reason, and what they can do. */
export type Refusal = { ok: false; reason: string; nextStep: string };
export type Moved = { ok: true; plan: Plan } | Refusal;

/**
 * Gives a person's word to the plan. Whether they are entitled to give it is asked before.
 *
 * @param shownHash of the plan as it was shown to them
 */
export function approve(plan: Plan, approval: Approval, shownHash: string): Moved {
  const { at } = approval;
  if (shownHash !== plan.hash || !isIntact(plan)) return changedRefusal(plan);
  if (!isApprovable(plan, at)) return stateRefusal(plan, at, 'approved');
  const given = plan.phase.state === 'failed' ? [] : plan.approvals;
  if (approversNeeded(plan) === 2) {
    const refusal = secondRefusal(plan, given, approval);
    if (refusal) return refusal;
  }
  const approvals = [...given, approval];
  const by = { id: approval.id, name: approval.name };
  if (approvals.length < approversNeeded(plan)) {
    const awaiting = { ...plan, approvals };
    return { ok: true, plan: step(awaiting, { state: 'planned' }, { at, to: 'awaits-second', direction: 'do', by }) };
  }
  const approved = { ...plan, approvals };
  return {
    ok: true,
    plan: step(approved, { state: 'approved', direction: 'do', at }, { at, to: 'approved', direction: 'do', by }),
  };
}

/**
 * Two different people have to be told apart on every platform: each by what links them (an Entra object id, a verified
 * address), of a kind that the other has too. Otherwise they may be one human.
 */
function secondRefusal(plan: Plan, given: readonly Approval[], approval: Approval): Refusal | null {
  const kinds = kindsOf(approval);
  if (kinds.size === 0)
    return {
      ok: false,
      reason: 'This needs two people who can be told apart, and who you are elsewhere is not known',
      nextStep: `Have an entry with "${approval.id.replace(/^[a-z]+:/, '')}" added to identities in headroom.json`,
    };
  for (const first of given) {
    if (first.id === approval.id || first.identities.some((identity) => approval.identities.includes(identity)))
      return {
        ok: false,
        reason: `You gave your word to ${plan.id} already; it needs that of a second person`,
        nextStep: 'Have somebody else approve it who is on the list of approvers',
      };
    if (![...kindsOf(first)].some((kind) => kinds.has(kind)))
      return {
        ok: false,
        reason: `It cannot be told whether you and ${first.name} are two people`,
        nextStep: 'Have both added to identities in headroom.json with their Entra object ids',
      };
  }
  return null;
}

function kindsOf({ identities }: Approval): Set<string> {
  return new Set(identities.map((identity) => identity.split(':', 1)[0] ?? ''));
}

export function reject(plan: Plan, by: { id: string; name: string }, at: Time): Moved {
  if (!isApprovable(plan, at)) return stateRefusal(plan, at, 'rejected');
  return {
    ok: true,
    plan: step(plan, { state: 'rejected', at }, { at, to: 'rejected', direction: 'do', by }),
  };
}

export function askUndo(plan: Plan, by: { id: string; name: string }, at: Time): Moved {
  if (!isUndoable(plan, at)) return stateRefusal(plan, at, 'undone');
  return {
    ok: true,
    plan: step(plan, { state: 'approved', direction: 'undo', at }, { at, to: 'approved', direction: 'undo', by }),
  };
}

function changedRefusal({ incidentId }: Plan): Refusal {
  return {
    ok: false,
    reason: 'This plan is not the one that was shown',
    nextStep: `'actions ${incidentId}' shows what is offered now`,
  };
}

const STANDS: Readonly<Record<PlanPhase['state'], string>> = {
  planned: 'waits for approval',
  approved: 'is approved already',
  rejected: 'was rejected',
  expired: 'has expired',
  running: 'is being done',
  done: 'is done already',
  failed: 'has failed',
  verified: 'is done already',
  'not-verified': 'is done already',
  undone: 'was undone',
};

function stateRefusal(plan: Plan, now: Time, what: 'approved' | 'rejected' | 'undone'): Refusal {
  const { id, incidentId, phase, expiresAt } = plan;
  const late = now >= expiresAt && what !== 'undone' && (phase.state === 'planned' || phase.state === 'failed');
  const changed = phase.state === 'expired' && phase.why === 'changed';
  const says = late ? 'has expired' : changed ? 'has changed since it was shown' : STANDS[phase.state];
  const ended = what === 'undone' && ['done', 'verified', 'not-verified'].includes(phase.state);
  return {
    ok: false,
    reason: `${id} ${ended ? 'has ended by itself' : says}, and cannot be ${what}`,
    nextStep: `'actions ${incidentId}' shows how it stands, and what is offered now`,
  };
}
