import type { ActionRule } from '../../shared/actions/action.ts';
import type { IncidentRecord } from '../../shared/incidents/record.ts';
import type { Plan } from '../../shared/model.ts';
import { giveWord } from '../../shared/pipeline/approve.ts';
import type { ActionDeps } from '../../shared/pipeline/deps.ts';
import { stepAuditKey } from '../../shared/pipeline/keys.ts';
import { listPlans } from '../../shared/pipeline/plans.ts';
import { type FakePlane, fakePlane } from '../shared/pipeline/action-kit.ts';
import type { Installation } from './installation.ts';
import type { Around, Process } from './process.ts';

const APPROVER = { id: 'slack:T1/U1', name: 'alex' };
const STRANGER = { id: 'slack:T1/U9', name: 'sam' };

/** How often somebody looks whether there is anything to say a word to. */
const LOOK_EVERY_MS = 20_000;

/** Helps with every incident that was looked into, so that each story has something to approve. */
const RULE: ActionRule = {
  needs: 'approval',
  id: 'help',
  summary: 'help',
  touches: 'lever',
  when: 'open',
  hasEffect: false,
  undoable: true,
  drafts: ({ id, resource }) => [
    { title: 'Help it', params: {}, target: { kind: 'lever', id: `lever-${id}`, resource: resource.id }, risk: 'low' },
  ],
  diff: () => 'nothing -> helped',
  desired: (plan, { now }) => ({ value: { plan: plan.id, at: now } }),
};

export function helpfulActions(): { actions: ActionDeps; plane: FakePlane } {
  const plane = fakePlane();
  const mayAct: ActionDeps['mayAct'] = (personId) =>
    personId === APPROVER.id ? { ok: true } : { ok: false, reason: 'not on the list', nextStep: '' };
  const context = { appOf: () => null, projectOf: () => null, report: () => ({ title: '', text: '' }) };
  return { plane, actions: { rules: [RULE], planes: [plane], context, mayAct } };
}

/** People who say what they think of the plans, through whichever process answers, until the story is told. */
export function startPeople(
  around: Around,
  installation: Installation,
  pickProcess: () => Process,
  untilMs: number,
): void {
  const { timeline, random, startMs } = around;
  const run = async (): Promise<void> => {
    while (timeline.now() < startMs + untilMs) {
      await timeline.wait(LOOK_EVERY_MS * (0.5 + random()));
      for (const { plans = [] } of await installation.incidents()) {
        const plan = plans[Math.floor(random() * plans.length)];
        if (!plan || random() < 0.4) continue;
        const said = random();
        const word = plan.canUndo ? 'undo' : said < 0.8 ? 'approve' : 'reject';
        const person = random() < 0.15 ? STRANGER : APPROVER;
        const process = pickProcess();
        if (process.isDead()) continue;
        const { deps } = process;
        const words = { ...deps, destinations: deps.senders, settings: { identities: [] } };
        // Who hears nothing may say it again, as people do.
        const given = giveWord(words, person, word, plan.id).catch(() => undefined);
        await Promise.race([given, process.died, timeline.wait(15_000)]);
      }
    }
  };
  void run();
}

/** Nothing that was approved is left halfway, and what people see is what is kept. */
export async function arePlansQuiet({ deps }: Installation, incidents: readonly IncidentRecord[]): Promise<boolean> {
  for (const { id, plans: views = [] } of incidents)
    for (const plan of await listPlans(deps, id)) {
      if (plan.phase.state === 'approved' || plan.phase.state === 'running') return false;
      const view = views.find((one) => one.id === plan.id);
      if (view && view.lookAt !== undefined && view.version !== plan.version) return false;
    }
  return true;
}

/** Plans that people were asked about, those that were done outside, and those that were taken back. */
export type PlansPlayed = { offered: number; done: number; undone: number };

export async function countPlans({ deps }: Installation, incidents: readonly IncidentRecord[]): Promise<PlansPlayed> {
  const plans = (await Promise.all(incidents.map(({ id }) => listPlans(deps, id)))).flat();
  const reached = (to: Plan['phase']['state']): number =>
    plans.filter(({ trail }) => trail.some((step) => step.to === to)).length;
  return { offered: plans.length, done: reached('done'), undone: reached('undone') };
}

/** What does not hold of plans once all is quiet; one sentence each. */
export async function plansBroken(installation: Installation, incidents: readonly IncidentRecord[]): Promise<string[]> {
  const { deps, plane } = installation;
  if (!plane) return [];
  const broken: string[] = [];
  for (const incident of incidents)
    for (const plan of await listPlans(deps, incident.id)) {
      broken.push(...planBroken(plan, plane, incident));
      for (const step of plan.trail)
        if (!(await deps.records.get(stepAuditKey(step.at, plan.id, step.nth))))
          broken.push(`plan ${plan.id}: that it was ${step.to} is in no audit`);
    }
  return broken;
}

function planBroken(plan: Plan, plane: FakePlane, { plans: views = [] }: IncidentRecord): string[] {
  const { id, target, trail, phase } = plan;
  const done = plane.writes.filter(({ value }) => planOf(value) === id).length;
  const undone = plane.writes.filter(({ key, value }) => key === target.id && value === null).length;
  const approved = (direction: 'do' | 'undo') =>
    trail.some((step) => step.to === 'approved' && step.direction === direction && step.by?.id === APPROVER.id);
  const view = views.find((one) => one.id === id);
  return [
    ...(done > 1 ? [`plan ${id} was done ${done} times`] : []),
    ...(done > 0 && !approved('do') ? [`plan ${id} was done and nobody approved it`] : []),
    ...(phase.state === 'done' && done !== 1 ? [`plan ${id} says that it is done, and was ${done} times`] : []),
    ...(phase.state === 'undone' && planOf(plane.values.get(target.id)) === id
      ? [`plan ${id} says that it was undone, and it stands`]
      : []),
    ...(undone > 0 && done > 0 && !approved('undo') ? [`plan ${id} was undone and nobody asked for it`] : []),
    ...(view && view.state !== phase.state && view.lookAt !== undefined
      ? [`plan ${id} is ${phase.state} and shown as ${view.state}`]
      : []),
  ];
}

function planOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, 'plan') : undefined;
}
