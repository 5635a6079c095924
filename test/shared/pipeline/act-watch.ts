import { hashOf } from '../../../shared/actions/plan.ts';
import type { Plan } from '../../../shared/model.ts';
import { stepAuditKey } from '../../../shared/pipeline/keys.ts';
import type { ControlPlane } from '../../../shared/ports.ts';
import { type ActionWorld, ALEX, ALEX_ON_TEAMS, actionWorld, HOLD, KEEP, KIM, LONER, STRANGER } from './action-kit.ts';

export const PEOPLE = [ALEX, KIM, ALEX_ON_TEAMS, LONER, STRANGER];
/** One human on two platforms is one. */
export const HUMANS: Readonly<Record<string, string>> = {
  [ALEX.id]: 'alex',
  [ALEX_ON_TEAMS.id]: 'alex',
  [KIM.id]: 'kim',
};

export const MEDDLER = 'somebody else';

/** How late a change may begin after somebody has approved it: what the design says, and the lease of who began to look. */
const LATEST_MS = 15 * 60_000 + 30_000;

/** Everything that an interleaving may not break, looked at where it would be broken: at the word, the call and the change. */
export type Watched = {
  w: ActionWorld;
  broken: string[];
  entitled: Set<string>;
  /** What has been changed outside: `<plan> <direction>`, in order. */
  changes: string[];
  /** The plane as one worker reaches it: each call of it is judged before it is sent. */
  planeOf(worker: string, sent: ControlPlane['write']): ControlPlane;
  /** Where calls arrive. */
  arrive: ControlPlane['write'];
  unaudited(): Promise<string[]>;
};

export async function watched(): Promise<Watched> {
  const w = await actionWorld({ actions: [KEEP, HOLD] });
  const entitled = new Set([ALEX.id, KIM.id, ALEX_ON_TEAMS.id, LONER.id]);
  const broken: string[] = [];
  const changes: string[] = [];
  const calls = new Map<string, number>();

  /** Of the plan on whose behalf the call is made; for each claim there is one call at most, by who holds it. */
  async function judgeCall(worker: string, key: string): Promise<void> {
    const now = w.world.clock.now();
    const running = (await w.plans()).filter(({ target, phase }) => target.id === key && phase.state === 'running');
    const [plan] = running;
    if (plan?.phase.state !== 'running' || running.length > 1) {
      broken.push(`${running.length} plans run on ${key} while it is changed`);
      return;
    }
    const name = `${plan.id} ${plan.phase.direction}`;
    if (plan.phase.worker !== worker || Date.parse(plan.phase.until) <= now)
      broken.push(`${name} is called for by ${worker}, who has no claim to it`);
    const claim = `${name} ${plan.phase.attempts} ${plan.version}`;
    calls.set(claim, (calls.get(claim) ?? 0) + 1);
    if (calls.get(claim) !== 1) broken.push(`${name} is called for twice on one claim`);
    if (plan.hash !== hashOf(plan)) broken.push(`${name} is not what was shown`);
    const approvedAt = plan.trail.findLast(({ to }) => to === 'approved')?.at ?? '';
    if (!(now - Date.parse(approvedAt) <= LATEST_MS)) broken.push(`${name} is begun too late`);
    const why = whyNotBy(plan);
    if (why !== null) broken.push(`${name} ${why}`);
  }

  function whyNotBy(plan: Plan): string | null {
    if (plan.phase.state === 'running' && plan.phase.direction === 'undo') {
      const by = plan.trail.findLast(({ to, direction }) => to === 'approved' && direction === 'undo')?.by;
      return by && entitled.has(by.id) ? null : 'was asked for by nobody who may';
    }
    const people = plan.approvals.filter(({ id }) => entitled.has(id));
    const humans = new Set(people.map(({ id }) => HUMANS[id] ?? id));
    const isTold = plan.risk === 'low' || !people.some(({ id }) => id === LONER.id);
    if (humans.size >= (plan.risk === 'high' ? 2 : 1) && isTold) return null;
    return `was approved by ${[...humans].join() || 'nobody'} alone`;
  }

  /** It takes effect: once for each plan and direction, and never on top of what others have put there. */
  const arrive: ControlPlane['write'] = async (target, desired, expected) => {
    const standing: unknown = w.plane.values.get(target.id);
    const plan = (await w.plans()).find(({ target: { id }, phase }) => id === target.id && phase.state === 'running');
    const before = w.plane.writes.length;
    try {
      return await w.plane.write(target, desired, expected);
    } finally {
      if (w.plane.writes.length > before) {
        const direction = plan?.phase.state === 'running' ? plan.phase.direction : 'unasked';
        changes.push(`${plan?.id ?? target.id} ${direction}`);
        const isOthers = by(standing) === MEDDLER;
        if (isOthers && (direction === 'undo' || by(plan?.shown) !== MEDDLER))
          broken.push(`${plan?.id} ${direction} overwrites what somebody else has set`);
      }
    }
  };

  const planeOf: Watched['planeOf'] = (worker, sent) => ({
    kind: w.plane.kind,
    read: w.plane.read,
    async write(target, desired, expected, signal) {
      await judgeCall(worker, target.id);
      return sent(target, desired, expected, signal);
    },
  });

  async function unaudited(): Promise<string[]> {
    const missing = (await w.plans()).flatMap((plan) =>
      plan.trail.map(async (step) => {
        const entry = await w.world.records.get(stepAuditKey(step.at, plan.id, step.nth));
        return entry ? [] : [`${plan.id} ${step.to} at ${step.at} is in no audit`];
      }),
    );
    return (await Promise.all(missing)).flat();
  }

  return { w, broken, entitled, changes, planeOf, arrive, unaudited };
}

function by(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, 'by') : undefined;
}

type Before = { plans: Plan[]; shown: Map<string, string>; refusals: number };

async function refusalsOf({ w }: Watched, person: string): Promise<number> {
  return (await w.audit()).filter(({ by: who, outcome }) => who === person && outcome === 'refused').length;
}

export async function beforeWord(watch: Watched, person: string): Promise<Before> {
  const views = (await watch.w.record()).plans ?? [];
  return {
    plans: await watch.w.plans(),
    shown: new Map(views.map(({ id, hash }) => [id, hash])),
    refusals: await refusalsOf(watch, person),
  };
}

/**
 * What a person's word has led to: it counts only of who may, for what was shown to them and is not over; else it is refused and that is audited.
 *
 * @param died the process that took it: nobody can ask for an audit of what it did not get to
 */
export async function judgeWord(watch: Watched, person: string, before: Before, died: boolean): Promise<void> {
  const { w, broken, entitled } = watch;
  let taken = 0;
  for (const plan of await w.plans()) {
    const old = before.plans.find(({ id }) => id === plan.id);
    const steps = plan.trail.filter(({ nth, by: who }) => who !== undefined && nth > (old?.version ?? 0));
    taken += steps.length;
    for (const { to, at, direction } of steps) {
      if (!entitled.has(person)) broken.push(`the word of ${person} counts, who may not: ${plan.id} ${to}`);
      if (direction === 'do' && at >= plan.expiresAt) broken.push(`${plan.id} is ${to} after it has expired`);
      const isApproval = direction === 'do' && to !== 'rejected';
      if (isApproval && (plan.hash !== hashOf(plan) || before.shown.get(plan.id) !== plan.hash))
        broken.push(`${plan.id} is ${to} and is not what was shown`);
    }
  }
  if (taken > 1) broken.push(`one word of ${person} counts ${taken} times`);
  if (taken === 0 && !died && (await refusalsOf(watch, person)) === before.refusals)
    broken.push(`the word of ${person} is refused, and that is in no audit`);
}
