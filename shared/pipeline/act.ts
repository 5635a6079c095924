import { type ActionRule, type Desired, isTimeFor } from '../actions/action.ts';
import { nextLook } from '../actions/effect.ts';
import { approversNeeded, expire, isIntact, lookAt } from '../actions/plan.ts';
import {
  claim,
  fail,
  finish,
  isCheckDue,
  isClaim,
  putOff,
  runDue,
  type Standing,
  standingOf,
  tooLate,
} from '../actions/run.ts';
import { asHeadroomError, HeadroomError, isRetryable } from '../errors.ts';
import type { IncidentRecord } from '../incidents/record.ts';
import type { ControlState, Plan } from '../model.ts';
import type { ControlPlane } from '../ports.ts';
import { withinDeadline } from './deadline.ts';
import { type ActionDeps, timeNow, type WorkDeps } from './deps.ts';
import { readIncident } from './incidents.ts';
import { mayOffer } from './offer.ts';
import { mayMove, readPlan, showPlan, updatePlan } from './plans.ts';
import { verifyPlan } from './verify-action.ts';

const CALL_MS = 10_000;
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 60_000;
const MESSAGE_CHARACTERS = 300;

/**
 * Does what is due for the plans of an incident: ends what nobody approved in time, runs what was approved, looks whether it
 * worked, and shows what a dead process has left unshown. Every step can be done twice.
 *
 * @returns when to look again, in milliseconds, for each plan that was taken on here: of all who come by, one comes back
 */
export async function bringPlansOn(deps: WorkDeps, incidentId: string): Promise<number[]> {
  const { actions } = deps;
  const record = (await readIncident(deps, incidentId))?.value;
  if (!actions || !record) return [];
  const waits: number[] = [];
  for (const view of record.plans ?? []) {
    if (!mayMove(view)) continue;
    const waitMs = await bringOn(deps, actions, view.id);
    if (waitMs !== null) waits.push(waitMs);
  }
  return waits;
}

/** Whether a plan waits for somebody to do something about it since `old`. */
export function isPlanOverdue(record: IncidentRecord, old: string): boolean {
  return (record.plans ?? []).some(({ lookAt: due }) => due !== undefined && due <= old);
}

async function bringOn(deps: WorkDeps, actions: ActionDeps, planId: string): Promise<number | null> {
  const stored = await readPlan(deps, planId);
  if (!stored) return null;
  const seen = await show(deps, await ended(deps, stored.value));
  const now = timeNow(deps.clock);
  if (runDue(seen, now)) return afterwards(deps, seen, await run(deps, actions, seen));
  return isCheckDue(seen, now) ? afterwards(deps, seen, await verifyPlan(deps, actions, seen)) : null;
}

/** When what follows is due, where this worker took it on and it is to follow soon; the sweep sees to what is far. */
async function afterwards(deps: WorkDeps, before: Plan, after: Plan): Promise<number | null> {
  await show(deps, after);
  const { state } = after.phase;
  if (after.version === before.version || (state !== 'running' && state !== 'done')) return null;
  const dueAt = lookAt(after, timeNow(deps.clock));
  return dueAt === null ? null : Math.max(0, Date.parse(dueAt) - deps.clock.now());
}

async function show(deps: WorkDeps, plan: Plan): Promise<Plan> {
  await showPlan({ ...deps, destinations: deps.senders }, plan);
  return plan;
}

/** Nobody has approved it in time, or there is nothing left to approve it for. */
async function ended(deps: WorkDeps, plan: Plan): Promise<Plan> {
  if (plan.phase.state !== 'planned') return plan;
  const record = (await readIncident(deps, plan.incidentId))?.value;
  const rule = deps.actions?.rules.find(({ id }) => id === plan.action);
  const isOver = !record || !rule || !mayOffer(record) || !isTimeFor(rule, record, timeNow(deps.clock));
  const now = timeNow(deps.clock);
  if (expire(plan, now, isOver ? 'over' : 'time') === plan) return plan;
  const changed = await updatePlan(deps, plan.id, (one) => expire(one, now, isOver ? 'over' : 'time'));
  return changed?.after ?? plan;
}

type Tools = { rule: ActionRule; plane: ControlPlane; forbidden: HeadroomError | null; desired(): Dated };

type Dated = Desired & { now: string };

/** The plan as this worker last took it on. */
type Held = { plan: Plan };

async function run(deps: WorkDeps, actions: ActionDeps, plan: Plan): Promise<Plan> {
  const rule = actions.rules.find(({ id }) => id === plan.action);
  const plane = actions.planes.find(({ kind }) => kind === rule?.touches && kind === plan.target.kind);
  if (!rule || !plane)
    return giveUp(deps, plan, new HeadroomError('configuration', `${plan.action} cannot be done by this process`));
  const record = (await readIncident(deps, plan.incidentId))?.value;
  const forbidden = whyNot(deps, actions, plan, record);
  // What nobody has begun is not even looked at; what was begun may have been done.
  if (forbidden && plan.phase.state !== 'running') return giveUp(deps, plan, forbidden);
  const held: Held = { plan };
  try {
    const desired = (): Dated => {
      const now = timeNow(deps.clock);
      if (!record) throw new HeadroomError('bug', 'there is no incident to act for');
      return { now, ...rule.desired(plan, { now, incident: record, context: actions.context }) };
    };
    return await perform(deps, { rule, plane, forbidden, desired }, held);
  } catch (error) {
    const known = asHeadroomError(error, 'unavailable', `${plan.title} failed`);
    deps.log.warn('action-failed', { plan: plan.id, kind: known.kind, error: known.message });
    return isRetryable(known) && !forbidden ? later(deps, held.plan, known) : giveUp(deps, held.plan, known);
  }
}

/** Everything that had to hold when it was approved has to hold now: the last moment at which it can be left undone. */
function whyNot(
  deps: WorkDeps,
  actions: ActionDeps,
  plan: Plan,
  record: IncidentRecord | undefined,
): HeadroomError | null {
  const why = tooLate(plan, timeNow(deps.clock)) ?? whyNotNow(deps, actions, plan, record);
  return why === null ? null : new HeadroomError('denied', `It was left undone: ${why}`);
}

function whyNotNow(
  { policy, clock }: WorkDeps,
  actions: ActionDeps,
  plan: Plan,
  record: IncidentRecord | undefined,
): string | null {
  const { phase, target, approvals, trail, action } = plan;
  if (!isIntact(plan)) return 'what was approved is not what is kept';
  if (!record) return 'there is no such incident any more';
  const { resource } = record;
  if (target.resource !== resource.id || !policy.verifies(resource))
    return 'its resource lies in no scope of the settings';
  const may = (id: string): boolean => actions.mayAct(id, action, resource).ok;
  if ((phase.state === 'approved' || phase.state === 'running') && phase.direction === 'undo') {
    const by = trail.findLast(({ to, direction }) => to === 'approved' && direction === 'undo')?.by;
    return by && may(by.id) ? null : 'who asked for it may not any more';
  }
  const rule = actions.rules.find(({ id }) => id === action);
  if (!mayOffer(record)) return 'the incident is unverified';
  if (!rule || !isTimeFor(rule, record, timeNow(clock))) return 'the incident is not as it was';
  const entitled = approvals.filter(({ id }) => may(id));
  return entitled.length < approversNeeded(plan) ? 'who approved it may not any more' : null;
}

/**
 * Looks how it stands outside, writes down that it is being done with how it stood and is to stand, does it, writes down that it
 * is done. Whoever comes after a crash looks first, and finds it done, or as it was, or changed by somebody else.
 */
async function perform(deps: WorkDeps, { rule, plane, forbidden, desired }: Tools, held: Held): Promise<Plan> {
  const { plan } = held;
  const due = runDue(plan, timeNow(deps.clock));
  if (!due) return plan;
  const state = await within(deps, `reading ${plan.target.id}`, (signal) => plane.read(plan.target, signal));
  const aim = aimOf(plan, due.direction, state, desired);
  const standing = standingAt(rule, state, aim);
  if (standing.is === 'other') return giveUp(deps, plan, changedError(plan));
  if (standing.is === 'before' && forbidden) return giveUp(deps, plan, forbidden);
  const claimed = await take(deps, plan, aim.performed);
  if (!claimed) return (await readPlan(deps, plan.id))?.value ?? plan;
  held.plan = claimed;
  // Held up for so long that somebody else may have it: whoever has it now looks first, as this one did long ago.
  if (isLost(claimed, deps.clock.now())) return claimed;
  if (standing.is === 'before') {
    // The very last look is the service's own: it takes the change only on top of what was read.
    const written = await within(deps, claimed.title, (signal) =>
      plane.write(claimed.target, aim.to, standing.revision, signal),
    );
    if (written === 'changed') return giveUp(deps, claimed, changedError(claimed));
  }
  const now = timeNow(deps.clock);
  const doneAt = standing.is === 'before' ? now : aim.performed.at;
  const checkAt = rule.hasEffect ? nextLook(doneAt, doneAt) : null;
  deps.log.info('action-done', { plan: plan.id, action: plan.action, direction: due.direction });
  return settle(deps, claimed, (one) => finish(one, now, doneAt, checkAt));
}

type Aim = { from: unknown; to: unknown; performed: NonNullable<Plan['performed']> };

function aimOf(plan: Plan, direction: 'do' | 'undo', state: ControlState, desired: () => Dated): Aim {
  if (plan.performed) {
    const { before, desired } = plan.performed;
    return direction === 'undo'
      ? { from: desired, to: before.value, performed: plan.performed }
      : { from: before.value, to: desired, performed: plan.performed };
  }
  const { now, value, endsAt } = desired();
  const performed = { at: now, before: state, desired: value, ...(endsAt === undefined ? {} : { endsAt }) };
  return { from: plan.shown, to: value, performed };
}

function standingAt(rule: ActionRule, state: ControlState, aim: Aim): Standing {
  if (rule.holds && aim.to !== null && rule.holds(state.value, aim.to)) return { is: 'there' };
  if (rule.holds && aim.to === aim.performed.before.value && rule.holds(state.value, aim.from))
    return { is: 'before', revision: state.revision };
  return standingOf(state, aim);
}

/** @returns null when somebody else has it */
async function take(deps: WorkDeps, plan: Plan, performed: NonNullable<Plan['performed']>): Promise<Plan | null> {
  const nowMs = deps.clock.now();
  const now = new Date(nowMs).toISOString();
  const until = new Date(nowMs + deps.timing.leaseMs).toISOString();
  const mine: { claimed: Plan | null } = { claimed: null };
  await updatePlan(deps, plan.id, (one) => {
    mine.claimed = null;
    // It was looked at as it stood at this version, and as it was shown.
    if (one.version !== plan.version || !isIntact(one) || !runDue(one, now)) return one;
    mine.claimed = claim(one, { worker: deps.worker, now, until }, performed);
    return mine.claimed;
  });
  return mine.claimed;
}

/** Whether a call that begins now could still be under way when another worker may take the plan over. */
function isLost({ phase }: Plan, nowMs: number): boolean {
  return phase.state !== 'running' || Date.parse(phase.until) - CALL_MS <= nowMs;
}

async function settle(deps: WorkDeps, claimed: Plan, apply: (plan: Plan) => Plan): Promise<Plan> {
  const changed = await updatePlan(deps, claimed.id, (one) => (isClaim(one, claimed) ? apply(one) : one));
  return changed?.after ?? claimed;
}

/** For good: what is wrong does not pass by itself. */
async function giveUp(deps: WorkDeps, plan: Plan, { kind, message, nextStep }: HeadroomError): Promise<Plan> {
  const failure = {
    kind,
    message: message.slice(0, MESSAGE_CHARACTERS),
    ...(nextStep === undefined ? {} : { nextStep: nextStep.slice(0, MESSAGE_CHARACTERS) }),
  };
  const changed = await updatePlan(deps, plan.id, (one) =>
    isAt(one, plan) ? fail(one, timeNow(deps.clock), failure) : one,
  );
  return changed?.after ?? plan;
}

/** Nobody has taken the plan on since it was seen so. */
function isAt(plan: Plan, seen: Plan): boolean {
  return plan.version === seen.version || isClaim(plan, seen);
}

/** Tried again after a pause, by whoever comes by then: what was asked may have arrived, so it is looked at first. */
async function later(deps: WorkDeps, plan: Plan, error: HeadroomError): Promise<Plan> {
  const now = timeNow(deps.clock);
  const changed = await updatePlan(deps, plan.id, (one) => {
    if (!isAt(one, plan)) return one;
    const claimed = runDue(one, now) ? claimUnread(deps, one, now) : one;
    if (claimed.phase.state !== 'running') return one;
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (claimed.phase.attempts - 1));
    const waitMs = Math.max(error.retryAfterMs ?? 0, pauseMs * (0.5 + deps.random() / 2));
    return putOff(claimed, new Date(Date.parse(now) + waitMs).toISOString());
  });
  return changed?.after ?? plan;
}

/** It could not even be looked at: that counts as a try. */
function claimUnread({ worker }: WorkDeps, plan: Plan, now: string): Plan {
  return claim(plan, { worker, now, until: now }, undefined);
}

function within<T>(deps: WorkDeps, what: string, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  return withinDeadline(deps.clock, CALL_MS, what, run);
}

function changedError({ title, incidentId }: Plan): HeadroomError {
  return new HeadroomError('invalid', `${title}: somebody has changed it since this was shown`, {
    nextStep: `'actions ${incidentId}' shows how it stands now`,
  });
}
