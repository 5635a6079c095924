import { createHash } from 'node:crypto';
import type { Plan, PlanPhase, PlanStep, Time } from '../model.ts';
import { canonical } from './canonical.ts';

/**
 * The life of a plan as a pure state machine: planned, approved by as many people as its risk asks for, run by one worker at a
 * time, verified, undone. Nothing here knows a clock or a store: the time comes as a parameter, and the plan goes back into
 * its store by compare-and-set alone.
 */

/** How long a plan can be approved: what was seen of the load is older after that. */
const APPROVABLE_MS = 30 * 60_000;
/** Steps that are kept; the oldest of more than that are in the audit alone. */
const MAX_TRAIL = 60;

/** What an action offers, before anything is known of how it stands outside. */
export type NewPlan = Pick<
  Plan,
  'incidentId' | 'action' | 'title' | 'params' | 'target' | 'shown' | 'diff' | 'risk' | 'undoable' | 'predicted'
>;

/** @param n from 1, unique within the incident */
export function newPlan(draft: NewPlan, n: number, now: Time): Plan {
  const plan: Plan = {
    v: 1,
    id: `${draft.incidentId}-${n}`,
    ...draft,
    hash: hashOf(draft),
    plannedAt: now,
    expiresAt: later(now, APPROVABLE_MS),
    approvals: [],
    phase: { state: 'planned' },
    version: 0,
    trail: [],
  };
  return step(plan, { state: 'planned' }, { at: now, to: 'planned', direction: 'do' });
}

/** Of what a person is shown and says yes to. */
export function hashOf(
  shown: Pick<Plan, 'incidentId' | 'action' | 'params' | 'target' | 'shown' | 'diff' | 'risk'>,
): string {
  const { incidentId, action, params, target, shown: before, diff, risk } = shown;
  const text = canonical({ incidentId, action, params, target, before, diff, risk });
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/** What was shown is what is kept. */
export function isIntact(plan: Plan): boolean {
  return plan.hash === hashOf(plan);
}

/** Whether it is written as the id of a plan: `<incident>-<n>`. */
export function mentionsPlan(text: string): boolean {
  return /^[a-z0-9]{4,40}-\d{1,4}$/.test(text);
}

/** How many people have to agree. */
export function approversNeeded({ risk }: Pick<Plan, 'risk'>): 1 | 2 {
  return risk === 'high' ? 2 : 1;
}

/** Whether the word of a person can be given to it: what failed may be tried again as long as it has not expired. */
export function isApprovable({ phase, expiresAt }: Plan, now: Time): boolean {
  const open = phase.state === 'planned' || (phase.state === 'failed' && phase.direction === 'do');
  return open && now < expiresAt;
}

/** Whether what was done can still be taken back. */
export function isUndoable({ phase, performed, undoable }: Plan, now: Time): boolean {
  const wasDone = ['done', 'verified', 'not-verified'].includes(phase.state);
  const failedToUndo = phase.state === 'failed' && phase.direction === 'undo';
  if (!undoable || !performed || !(wasDone || failedToUndo)) return false;
  return performed.endsAt === undefined || now < performed.endsAt;
}

/** Once it can no longer be approved; the plan itself where there is nothing to end. */
export function expire(plan: Plan, now: Time, why: 'time' | 'changed' | 'over'): Plan {
  const { phase } = plan;
  if (phase.state !== 'planned' || (why === 'time' && now < plan.expiresAt)) return plan;
  return step(plan, { state: 'expired', at: now, why }, { at: now, to: 'expired', direction: 'do', detail: why });
}

/** By when there is something to do about it; null once nothing is left. */
export function lookAt(plan: Plan, now: Time): Time | null {
  const { phase, expiresAt, performed } = plan;
  const undoEnds = isUndoable(plan, now) ? (performed?.endsAt ?? null) : null;
  switch (phase.state) {
    case 'planned':
      return expiresAt;
    case 'approved':
      return phase.at;
    case 'running':
      return phase.until;
    case 'done':
      return phase.checkAt ?? undoEnds;
    case 'failed':
      return phase.direction === 'do' && now < expiresAt ? expiresAt : undoEnds;
    case 'verified':
    case 'not-verified':
      return undoEnds;
    case 'rejected':
    case 'expired':
    case 'undone':
      return null;
  }
}

/** The plan, taken on by one step. Every change of a plan goes through here, or grows its version itself. */
export function step(plan: Plan, phase: PlanPhase, taken: Omit<PlanStep, 'nth'>): Plan {
  const version = plan.version + 1;
  return { ...plan, phase, version, trail: [...plan.trail, { nth: version, ...taken }].slice(-MAX_TRAIL) };
}

function later(time: Time, ms: number): Time {
  return new Date(Date.parse(time) + ms).toISOString();
}
