import type { Plan, PlanView, Time } from '../model.ts';
import { isUndoable, lookAt } from './plan.ts';

/** Plans that an incident shows; older ones that are over give way. */
const VIEWS_MAX = 8;

/** What the incident says of the plan. */
export function viewOf(plan: Plan, now: Time): PlanView {
  const { id, action, title, diff, hash, risk, expiresAt, predicted, effect, phase, version, trail, approvals } = plan;
  const due = lookAt(plan, now);
  return {
    ...{ id, action, title, diff, hash, risk, expiresAt, version, state: phase.state },
    at: trail.at(-1)?.at ?? plan.plannedAt,
    people: trail
      .flatMap(({ by }) => by ?? [])
      .filter(({ id }, nth, all) => all.findIndex((one) => one.id === id) === nth),
    ...(predicted ? { predicted } : {}),
    ...(effect ? { effect } : {}),
    ...(phase.state === 'planned' && approvals.length > 0 ? { awaitsSecond: true as const } : {}),
    ...(phase.state === 'failed' ? { failure: failureOf(phase) } : {}),
    ...(due === null ? {} : { lookAt: due }),
    ...(isUndoable(plan, now) ? { canUndo: true as const } : {}),
  };
}

function failureOf({ message, nextStep }: { message: string; nextStep?: string }): NonNullable<PlanView['failure']> {
  return nextStep === undefined ? { message } : { message, nextStep };
}

/** The views with this one in its place; an older one than stands there changes nothing. */
export function withView(views: readonly PlanView[], view: PlanView): readonly PlanView[] {
  const standing = views.find(({ id }) => id === view.id);
  if (standing && (standing.version > view.version || JSON.stringify(standing) === JSON.stringify(view))) return views;
  const next = standing ? views.map((one) => (one.id === view.id ? view : one)) : [...views, view];
  if (next.length <= VIEWS_MAX) return next;
  const over = next.find(({ lookAt: due }) => due === undefined) ?? next[0];
  return next.filter((one) => one !== over);
}
