import type { ControlState, Direction, Plan, PlanEffect, PlanPhase, Time } from '../model.ts';
import { canonical } from './canonical.ts';
import { step } from './plan.ts';

/** What was approved is not run any later: by then the load is another one. */
const RUN_WITHIN_MS = 15 * 60_000;
/** Tries to bring it about before it is given up; each looks first whether it stands already. */
const MAX_ATTEMPTS = 8;
/** What a worker that takes the plan over has to do. */
export type Claim = { direction: Direction; attempts: number };

/** Whether it is to be run now: it was approved, or its worker has not come back in time. */
export function runDue({ phase }: Plan, now: Time): Claim | null {
  if (phase.state === 'approved') return { direction: phase.direction, attempts: 0 };
  if (phase.state !== 'running' || phase.until > now) return null;
  return { direction: phase.direction, attempts: phase.attempts };
}

/** Why what was approved is not run any more; null where it may be. */
export function tooLate(plan: Plan, now: Time): string | null {
  const { phase, trail } = plan;
  const said = trail.findLast(({ to }) => to === 'approved')?.at ?? now;
  if (phase.state === 'running' && phase.attempts >= MAX_ATTEMPTS) return `it was tried ${MAX_ATTEMPTS} times`;
  return Date.parse(now) - Date.parse(said) > RUN_WITHIN_MS ? 'it could not be done within 15 min' : null;
}

/**
 * Takes the plan for one worker. How it stood before and how it is to stand are written down with the claim, so that whoever
 * takes it over can tell what has been done.
 */
export function claim(plan: Plan, by: { worker: string; now: Time; until: Time }, performed: Plan['performed']): Plan {
  const due = runDue(plan, by.now);
  if (!due) return plan;
  const { worker, now, until } = by;
  const { direction } = due;
  const claimed = performed ? { ...plan, performed } : plan;
  const phase: PlanPhase = { state: 'running', direction, worker, until, attempts: due.attempts + 1 };
  return step(claimed, phase, { at: now, to: 'running', direction });
}

/** The very claim, and not a later one of the same worker. */
export function isClaim(plan: Plan, claimed: Plan): boolean {
  const [now, then] = [plan.phase, claimed.phase];
  if (now.state !== 'running' || then.state !== 'running') return false;
  return now.worker === then.worker && now.until === then.until && now.attempts === then.attempts;
}

/**
 * It stands outside as it was to.
 *
 * @param doneAt since when, as far as that is known
 * @param checkAt when its effect is first looked at; null where it has none to look at
 */
export function finish(plan: Plan, now: Time, doneAt: Time, checkAt: Time | null): Plan {
  if (plan.phase.state !== 'running') return plan;
  const { direction } = plan.phase;
  if (direction === 'undo') return step(plan, { state: 'undone', at: now }, { at: now, to: 'undone', direction });
  const done = plan.performed ? { ...plan, performed: { ...plan.performed, at: doneAt } } : plan;
  return step(done, { state: 'done', ...(checkAt === null ? {} : { checkAt }) }, { at: now, to: 'done', direction });
}

/** Given up: nothing was done, or what was done is not known. */
export function fail(plan: Plan, now: Time, failure: { kind: string; message: string; nextStep?: string }): Plan {
  const { phase } = plan;
  if (phase.state !== 'approved' && phase.state !== 'running') return plan;
  const { direction } = phase;
  return step(
    plan,
    { state: 'failed', at: now, direction, ...failure },
    { at: now, to: 'failed', direction, detail: failure.message },
  );
}

/** Tried again then, by whoever comes first. */
export function putOff(plan: Plan, until: Time): Plan {
  const { phase } = plan;
  return phase.state === 'running' ? { ...plan, version: plan.version + 1, phase: { ...phase, until } } : plan;
}

/** Whether its effect is to be looked at now. */
export function isCheckDue({ phase }: Plan, now: Time): boolean {
  return phase.state === 'done' && phase.checkAt !== undefined && phase.checkAt <= now;
}

/** What was seen of the effect; looked at again at `againAt`, or told for good where that is null. */
export function conclude(plan: Plan, now: Time, effect: PlanEffect, againAt: Time | null): Plan {
  const { phase } = plan;
  if (phase.state !== 'done') return plan;
  if (againAt !== null)
    return {
      ...plan,
      effect,
      version: plan.version + 1,
      phase: { state: 'done', checkAt: againAt },
    };
  const state = effect.verdict === 'stopped' || effect.verdict === 'fell' ? 'verified' : 'not-verified';
  return step({ ...plan, effect }, { state, at: now, effect }, { at: now, to: state, direction: 'do' });
}

export type Standing =
  /** Nothing is left to be done. */
  | { is: 'there' }
  /** As it was found: it may be changed. */
  | { is: 'before'; revision: ControlState['revision'] }
  /** Somebody else has changed it. */
  | { is: 'other' };

/** How the target stands, seen from what is to become of it. */
export function standingOf(state: ControlState, { from, to }: { from: unknown; to: unknown }): Standing {
  const stands = canonical(state.value);
  if (stands === canonical(to)) return { is: 'there' };
  return stands === canonical(from) ? { is: 'before', revision: state.revision } : { is: 'other' };
}
