import { viewOf, withView } from '../actions/view.ts';
import { HeadroomError } from '../errors.ts';
import type { Destination } from '../incidents/effects.ts';
import type { IncidentRecord } from '../incidents/record.ts';
import type { Plan, PlanStep, PlanView } from '../model.ts';
import type { Stored } from '../ports.ts';
import type { AuditEntry } from './audit.ts';
import { type ActionDeps, type Policy, type ReceiveDeps, timeNow } from './deps.ts';
import { readIncident, updateIncident } from './incidents.ts';
import { incidentPartition, PLAN_PREFIX, planKey, stepAuditKey } from './keys.ts';
import { revise } from './revise.ts';
import { readVersioned } from './versions.ts';

/** What reading and showing plans needs. */
export type PlanDeps = Pick<ReceiveDeps, 'records' | 'clock' | 'random' | 'queue' | 'log'> & {
  policy: Policy;
  /** Where messages stand, which then have to be brought up to date. */
  destinations: readonly Destination[];
  actions?: ActionDeps;
};

/** More plans than an incident ever has. */
const PLANS_MAX = 500;
const TRIES = 20;
const CONFLICT_PAUSE_MS = 20;

/** @returns null when there is no such plan */
export async function readPlan({ records }: Pick<PlanDeps, 'records'>, planId: string): Promise<Stored<Plan> | null> {
  const stored = await records.get<Plan>(planKey(planId));
  return stored && { ...stored, value: readVersioned(`plan ${planId}`, stored.value) };
}

/** All plans of an incident, oldest first. */
export async function listPlans({ records }: Pick<PlanDeps, 'records'>, incidentId: string): Promise<Plan[]> {
  const options = { after: PLAN_PREFIX, limit: PLANS_MAX };
  const found = await records.list<Plan>(incidentPartition(incidentId), options);
  return found
    .filter(({ id }) => id.startsWith(PLAN_PREFIX))
    .map(({ id, value }) => readVersioned(`plan record ${id}`, value));
}

/**
 * Takes the plan a step on by compare-and-set; on conflict it is read and decided again. A transition that gives back what it
 * was given writes nothing.
 *
 * @throws HeadroomError `unavailable` when conflicts do not end
 */
export async function updatePlan(
  deps: Pick<PlanDeps, 'records' | 'clock' | 'random'>,
  planId: string,
  apply: (plan: Plan) => Plan,
): Promise<{ before: Plan; after: Plan } | null> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const stored = await readPlan(deps, planId);
    if (!stored) return null;
    const before = stored.value;
    const after = apply(before);
    if (after === before) return { before, after };
    if ((await deps.records.put(planKey(planId), after, stored.revision)) !== 'conflict') return { before, after };
    await deps.clock.sleep(deps.random() * CONFLICT_PAUSE_MS);
  }
  throw new HeadroomError('unavailable', `plan ${planId} is changed faster than it can be written`, {
    nextStep: 'it is tried again from the queue',
  });
}

/**
 * Brings what the plan's record says to where people see it: the audit of each step, then the incident and its message. What
 * is shown already is not written again, so that it can be done after every change and again after a crash.
 */
export async function showPlan(deps: PlanDeps, plan: Plan): Promise<IncidentRecord | null> {
  const known = (await readIncident(deps, plan.incidentId))?.value;
  const shown = known?.plans?.find(({ id }) => id === plan.id)?.version ?? 0;
  for (const step of plan.trail) if (step.nth > shown) await auditStep(deps, plan, step);
  const now = timeNow(deps.clock);
  const { before, after } = await updateIncident(deps, plan.incidentId, (record) => {
    if (!record) return record;
    const plans = withView(record.plans ?? [], viewOf(plan, now));
    if (plans === (record.plans ?? [])) return record;
    const { policy, destinations } = deps;
    // What a silence calls for belongs to it: whoever has silenced it is to see that more can be.
    const isOfSilence = deps.actions?.rules.find(({ id }) => id === plan.action)?.when === 'silenced';
    const byPerson = isOfSilence || plan.trail.at(-1)?.by !== undefined;
    return revise(record, { ...record, plans: [...plans] }, { policy, destinations, now, byPerson });
  });
  return before === after ? (known ?? null) : after;
}

/** Whether time, or somebody's word, can still take the plan on. */
export function mayMove({ lookAt, canUndo }: PlanView): boolean {
  return lookAt !== undefined || canUndo === true;
}

/** Whether what the record of a plan says is not yet seen in its incident. */
export async function isUnshown(deps: Pick<PlanDeps, 'records'>, record: IncidentRecord): Promise<boolean> {
  for (const view of record.plans ?? []) {
    if (!mayMove(view)) continue;
    const stored = await readPlan(deps, view.id);
    if (stored && stored.value.version > view.version) return true;
  }
  return false;
}

const HEADROOM = { id: 'headroom', name: 'Headroom' };

const DEED: Readonly<Record<PlanStep['to'], string>> = {
  planned: 'plan',
  'awaits-second': 'approve',
  approved: 'approve',
  rejected: 'reject',
  expired: 'expire',
  running: 'run',
  done: 'did',
  failed: 'fail',
  verified: 'verify',
  'not-verified': 'verify',
  undone: 'undid',
};

async function auditStep({ records }: PlanDeps, plan: Plan, step: PlanStep): Promise<void> {
  const by = step.by ?? HEADROOM;
  const asksUndo = step.direction === 'undo' && step.to === 'approved';
  const entry: AuditEntry = {
    v: 1,
    at: step.at,
    by: by.id,
    name: by.name,
    action: asksUndo ? 'undo' : DEED[step.to],
    incidentId: plan.incidentId,
    detail: [`${plan.id} ${plan.action}`, plan.diff].join(': '),
    outcome: step.to === 'failed' ? 'failed' : step.to === 'running' ? 'begun' : 'done',
    ...(step.detail === undefined ? {} : { reason: step.detail }),
  };
  await records.put(stepAuditKey(step.at, plan.id, step.nth), entry, 'absent');
}
