import { isTimeFor } from '../actions/action.ts';
import { expire, hashOf, type NewPlan, newPlan } from '../actions/plan.ts';
import { asHeadroomError } from '../errors.ts';
import type { IncidentRecord } from '../incidents/record.ts';
import type { Note, Plan, Time } from '../model.ts';
import { withinDeadline } from './deadline.ts';
import { type ActionDeps, timeNow } from './deps.ts';
import { updateIncident } from './incidents.ts';
import { planKey } from './keys.ts';
import { listPlans, type PlanDeps, showPlan, updatePlan } from './plans.ts';
import { revise } from './revise.ts';

/** Plans that wait for approval at once: a message has room for the first, a list for all. */
const OFFERED_MAX = 4;
const READ_MS = 8_000;

/** Plans that still stand for what they would do: nobody is asked for the same again. */
const STANDING = new Set(['planned', 'approved', 'running', 'done', 'verified', 'not-verified']);

/** Whether anything may be done about it: nothing is about what nobody can vouch for, or about a test. */
export function mayOffer({ verified, synthetic, storm }: IncidentRecord): boolean {
  return verified && synthetic === undefined && storm === undefined;
}

/** What the offers of an incident follow from: another cause, its end, a silence. */
function occasionOf({ diagnosedAt = '', lifecycle, silencedUntil = '' }: IncidentRecord): string {
  return `${diagnosedAt} ${lifecycle.state} ${silencedUntil}`;
}

/** Whether what was found last was not yet looked at for what to offer; a silence needs no cause. */
export function isOfferDue({ actions }: { actions?: ActionDeps | undefined }, record: IncidentRecord): boolean {
  if (!actions || actions.rules.length === 0) return false;
  if (record.diagnosedAt === undefined && record.silencedUntil === undefined) return false;
  return record.offeredFor !== occasionOf(record) && mayOffer(record);
}

/**
 * Offers what would help, as plans that wait for approval: what is planned and no longer helps expires, what has not changed
 * stays. How things stand outside is read first, and belongs to what is shown.
 *
 * @param again somebody asks for it: also what has expired or failed is offered again
 */
export async function offerPlans(deps: PlanDeps, record: IncidentRecord, again = false): Promise<void> {
  const { actions } = deps;
  if (!actions || actions.rules.length === 0 || !mayOffer(record)) return;
  const known = await listPlans(deps, record.id);
  const notes: Note[] = [];
  const drafts: NewPlan[] = [];
  const rules = actions.rules.filter((rule) => isTimeFor(rule, record, timeNow(deps.clock)));
  for (const rule of rules)
    for (const draft of rule.drafts(record, actions.context)) {
      if (drafts.length === OFFERED_MAX) break;
      if (!actions.planes.some(({ kind }) => kind === rule.touches)) continue;
      // It is being done, or was: how it stands now is its own doing.
      const active = known.find(
        (plan) => isSame(plan, draft) && plan.phase.state !== 'planned' && isStanding(plan, timeNow(deps.clock)),
      );
      if (active) continue;
      const read = await readTarget(deps, actions, draft.target);
      if ('note' in read) notes.push(read.note);
      else {
        const { value: shown } = read;
        if (rule.applies && !rule.applies(shown)) continue;
        const diff = rule.diff(draft.params, shown);
        drafts.push({ incidentId: record.id, action: rule.id, ...draft, undoable: rule.undoable, shown, diff });
      }
    }
  // What could not be read may be as it was: its plan stays until it can.
  const isLost = (plan: Plan) => notes.length === 0 && !drafts.some((draft) => hashOf(draft) === plan.hash);
  for (const plan of known)
    if (plan.phase.state === 'planned' && isLost(plan))
      await change(deps, plan.id, (one) => expire(one, timeNow(deps.clock), 'changed'));
  for (const draft of drafts) await offer(deps, known, draft, again);
  await noteOffered(deps, record, notes);
}

function isSame(plan: Plan, { target, params }: Pick<NewPlan, 'target' | 'params'>): boolean {
  return (
    plan.target.id === target.id &&
    plan.target.kind === target.kind &&
    JSON.stringify(plan.params) === JSON.stringify(params)
  );
}

function isStanding({ phase, performed }: Plan, now: Time): boolean {
  if (performed?.endsAt !== undefined && performed.endsAt <= now) return false;
  return STANDING.has(phase.state) || (phase.state === 'failed' && performed !== undefined);
}

async function offer(deps: PlanDeps, known: Plan[], draft: NewPlan, again: boolean): Promise<void> {
  const hash = hashOf(draft);
  const now = timeNow(deps.clock);
  const same = known.filter((plan) => plan.hash === hash);
  const waiting = same.find(({ phase }) => phase.state === 'planned');
  if (waiting && now < waiting.expiresAt) return refresh(deps, waiting, draft);
  const closed = same.some(({ phase }) => phase.state !== 'expired' || (phase.why === 'time' && !again));
  if (closed && !again) return;
  const plan = newPlan(draft, numberAfter(known), now);
  // Somebody else offers at the same moment: what they do not offer of ours is offered with the next evidence.
  if ((await deps.records.put(planKey(plan.id), plan, 'absent')) === 'conflict') return;
  known.push(plan);
  await showPlan(deps, plan);
}

/** What is predicted of it changes with the evidence, and is no part of what is agreed to. */
async function refresh(deps: PlanDeps, waiting: Plan, { predicted }: NewPlan): Promise<void> {
  if (!predicted || JSON.stringify(waiting.predicted) === JSON.stringify(predicted)) {
    await showPlan(deps, waiting);
    return;
  }
  await change(deps, waiting.id, (plan) =>
    plan.phase.state === 'planned' ? { ...plan, predicted, version: plan.version + 1 } : plan,
  );
}

function numberAfter(known: readonly Plan[]): number {
  return Math.max(0, ...known.map(({ id }) => Number(id.slice(id.lastIndexOf('-') + 1)))) + 1;
}

async function change(deps: PlanDeps, planId: string, apply: (plan: Plan) => Plan): Promise<void> {
  const changed = await updatePlan(deps, planId, apply);
  if (changed) await showPlan(deps, changed.after);
}

async function readTarget(
  { clock, log }: PlanDeps,
  { planes }: ActionDeps,
  target: NewPlan['target'],
): Promise<{ value: unknown } | { note: Note }> {
  const plane = planes.find(({ kind }) => kind === target.kind);
  if (!plane) return { note: { text: `Nothing here can change a ${target.kind}` } };
  try {
    return await withinDeadline(clock, READ_MS, `reading ${target.id}`, (signal) => plane.read(target, signal));
  } catch (error) {
    const { kind, message, nextStep } = asHeadroomError(error, 'unavailable', `${target.id} could not be read`);
    log.warn('plan-unread', { target: target.id, kind, error: message });
    return { note: { text: `An action is not offered: ${message}`, ...(nextStep === undefined ? {} : { nextStep }) } };
  }
}

async function noteOffered(deps: PlanDeps, seen: IncidentRecord, notes: Note[]): Promise<void> {
  const offeredFor = occasionOf(seen);
  const now = timeNow(deps.clock);
  await updateIncident(deps, seen.id, (record) => {
    if (!record) return record;
    const isNoted = JSON.stringify(record.planNotes ?? []) === JSON.stringify(notes);
    if (isNoted && record.offeredFor === offeredFor) return record;
    const { planNotes: _before, ...rest } = record;
    const noted: IncidentRecord = {
      ...rest,
      ...(notes.length === 0 ? {} : { planNotes: notes }),
      offeredFor,
    };
    return revise(record, noted, { policy: deps.policy, destinations: deps.destinations, now });
  });
}
