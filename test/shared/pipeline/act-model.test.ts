import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { approversNeeded } from '../../../shared/actions/plan.ts';
import { runCommand } from '../../../shared/commands/dispatch.ts';
import { HeadroomError } from '../../../shared/errors.ts';
import type { Plan } from '../../../shared/model.ts';
import { actionDepsOf } from '../../../shared/pipeline/action-deps.ts';
import { stepAuditKey } from '../../../shared/pipeline/keys.ts';
import type { ControlPlane } from '../../../shared/ports.ts';
import {
  type ActionWorld,
  ALEX,
  ALEX_ON_TEAMS,
  actionWorld,
  HOLD,
  KEEP,
  KIM,
  LONER,
  SETTINGS,
  STRANGER,
  TTL_KEY,
} from './action-kit.ts';
import { settle, workOff } from './kit.ts';
import { type Death, type Life, liveUntil } from './mortal.ts';

const PEOPLE = [ALEX, KIM, ALEX_ON_TEAMS, LONER, STRANGER];
/** One human on two platforms is one. */
const HUMANS: Readonly<Record<string, string>> = { [ALEX.id]: 'alex', [ALEX_ON_TEAMS.id]: 'alex', [KIM.id]: 'kim' };
const WORDS = ['approve', 'reject', 'undo'] as const;
type Word = (typeof WORDS)[number];
const JUMPS_MS = [1_000, 5_000, 40_000, 3 * 60_000, 16 * 60_000, 31 * 60_000];
const WANTED = [KEEP, HOLD, { id: 'client-policy', params: { lever: 'ttlSeconds', value: 900 } }];

type Op =
  /** `plan`: of those to which the word can be said, or of all. */
  | { op: 'say'; who: number; word: Word; plan: number; fitting: boolean; death?: Death }
  /** By one process, or by two at once. */
  | { op: 'work'; death?: Death; together: boolean }
  | { op: 'jump'; by: number }
  | { op: 'find'; wanted: number }
  | { op: 'meddle' }
  | { op: 'entitle'; people: number }
  | { op: 'fail'; method: 'read' | 'write'; lost: boolean };

const death = fc.record({ step: fc.integer({ min: 1, max: 12 }), when: fc.constantFrom('before', 'after') });
const maybeDeath = fc.option(death, { nil: undefined, freq: 5 }).map((one) => (one ? { death: one } : {}));
const nth = (of: readonly unknown[]) => fc.integer({ min: 0, max: of.length - 1 });

const operation: fc.Arbitrary<Op> = fc.oneof(
  {
    weight: 14,
    arbitrary: fc
      .tuple(
        fc.record({
          // Those who may more often than those who may not.
          who: fc.constantFrom(0, 0, 0, 1, 1, 1, 2, 2, 3, 4),
          word: fc.constantFrom<Word>('approve', 'approve', 'approve', 'approve', 'undo', 'undo', 'reject'),
          plan: fc.nat({ max: 2 }),
          fitting: fc.constantFrom(true, true, true, false),
        }),
        maybeDeath,
      )
      .map(([said, dies]): Op => ({ op: 'say', ...said, ...dies })),
  },
  {
    weight: 14,
    arbitrary: fc.tuple(maybeDeath, fc.boolean()).map(([dies, together]): Op => ({ op: 'work', together, ...dies })),
  },
  { weight: 1, arbitrary: nth(JUMPS_MS).map((by): Op => ({ op: 'jump', by })) },
  { weight: 1, arbitrary: nth(WANTED).map((wanted): Op => ({ op: 'find', wanted })) },
  { weight: 1, arbitrary: fc.constant<Op>({ op: 'meddle' }) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 4 }).map((people): Op => ({ op: 'entitle', people })) },
  {
    weight: 1,
    arbitrary: fc
      .record({ method: fc.constantFrom('read' as const, 'write' as const), lost: fc.boolean() })
      .map((failure): Op => ({ op: 'fail', ...failure })),
  },
);

/** Everything that an interleaving may not break is looked at where it would be broken: at the write. */
type Watched = { w: ActionWorld; broken: string[]; plane: ControlPlane; entitled: Set<string>; writes: string[] };

async function watched(): Promise<Watched> {
  const w = await actionWorld({ actions: [KEEP, HOLD] });
  const entitled = new Set([ALEX.id, KIM.id, ALEX_ON_TEAMS.id, LONER.id]);
  const broken: string[] = [];
  const writes: string[] = [];
  const plane: ControlPlane = {
    ...w.plane,
    async write(target, desired, expected) {
      const before = w.plane.writes.length;
      const judged = await judge(w, entitled, target.id);
      const result = await w.plane.write(target, desired, expected).finally(() => {
        if (w.plane.writes.length > before) writes.push(judged.name);
      });
      if (judged.why !== null) broken.push(judged.why);
      return result;
    },
  };
  const { actions } = w.world.deps;
  if (actions) w.world.deps.actions = { ...actions, planes: [plane] };
  return { w, broken, plane, entitled, writes };
}

/** Whether the plan that is being run on the target may be. */
async function judge(
  w: ActionWorld,
  entitled: ReadonlySet<string>,
  key: string,
): Promise<{ name: string; why: string | null }> {
  const running = (await w.plans()).filter(({ target, phase }) => target.id === key && phase.state === 'running');
  const [plan] = running;
  if (!plan || running.length > 1) return { name: key, why: `${running.length} plans run on ${key} at once` };
  if (plan.phase.state !== 'running') return { name: key, why: 'not running' };
  const name = `${plan.id} ${plan.phase.direction}`;
  if (plan.phase.direction === 'undo') {
    const by = plan.trail.findLast(({ to, direction }) => to === 'approved' && direction === 'undo')?.by;
    return { name, why: by && entitled.has(by.id) ? null : `${name} was asked for by nobody who may` };
  }
  const people = plan.approvals.filter(({ id }) => entitled.has(id));
  const humans = new Set(people.map(({ id }) => HUMANS[id] ?? id));
  const enough =
    humans.size >= approversNeeded(plan) && (plan.risk === 'low' || !people.some(({ id }) => id === LONER.id));
  return { name, why: enough ? null : `${name} was approved by ${[...humans].join() || 'nobody'} alone` };
}

/** The world in the hands of a process that may die. */
function ofProcess({ w, plane }: Watched, life: Life): ActionWorld['world'] {
  const { world } = w;
  const { actions } = world.deps;
  const own: ControlPlane = life.wrap(plane, 'plane', ['write']);
  const records = life.wrap(world.records, 'records', ['put']);
  const held = actions
    ? { actions: { ...actions, planes: [{ kind: 'lever', read: own.read, write: own.write }] } }
    : {};
  return { ...world, records, deps: { ...world.deps, ...held, records, queue: life.wrapQueue(world.deps.queue) } };
}

/** The plan that somebody means. */
async function planFor(w: ActionWorld, { word, plan, fitting }: Op & { op: 'say' }): Promise<string> {
  const plans = await w.plans();
  const takes = ({ phase }: Plan) =>
    word === 'undo' ? ['done', 'verified', 'not-verified'].includes(phase.state) : phase.state === 'planned';
  const meant = fitting ? plans.filter(takes) : plans;
  return meant[plan % Math.max(1, meant.length)]?.id ?? `${w.id}-${plan + 1}`;
}

async function perform(watch: Watched, op: Op): Promise<void> {
  const { w, entitled } = watch;
  switch (op.op) {
    case 'say': {
      const person = PEOPLE[op.who] ?? ALEX;
      const life = liveUntil(op.death);
      const { deps } = ofProcess(watch, life);
      const said = runCommand({ ...w.commandDeps(person), ...deps }, `${op.word} ${await planFor(w, op)}`);
      await Promise.race([said, life.died]);
      return;
    }
    case 'work': {
      const life = liveUntil(op.death);
      const worlds = [ofProcess(watch, life)];
      if (op.together) worlds.push(ofProcess(watch, liveUntil()));
      if (op.together) await w.world.deps.queue.send({ v: 1, incidentId: w.id });
      if (op.together) await w.world.deps.queue.send({ v: 1, incidentId: w.id });
      const worked = worlds.map((world, at) => workOff({ deps: { ...world.deps, worker: `worker-${at}` } }));
      await Promise.race([Promise.all(worked), life.died.then(() => worked[1])]);
      return;
    }
    case 'jump':
      return w.moveOn(JUMPS_MS[op.by] ?? 1_000);
    case 'find':
      return w.find([WANTED[op.wanted] ?? KEEP]);
    case 'meddle':
      w.plane.values.set(TTL_KEY, { value: 77, until: '2026-11-21T00:00:00Z', by: 'somebody else' });
      return;
    case 'entitle': {
      const people = [ALEX.id, KIM.id, LONER.id, ALEX_ON_TEAMS.id].slice(op.people);
      entitled.clear();
      for (const id of people) entitled.add(id);
      // Whoever is linked to somebody on the list is on it.
      for (const id of [ALEX.id, ALEX_ON_TEAMS.id]) if (people.some((one) => HUMANS[one] === 'alex')) entitled.add(id);
      const settings = { ...SETTINGS, approvers: [{ people, actions: ['client-policy'] }] };
      const { actions } = actionDepsOf({ actions: 'on', settings }, [watch.plane]);
      if (actions) w.world.deps.actions = actions;
      return;
    }
    case 'fail':
      w.plane.failures.push({
        method: op.method,
        error: new HeadroomError('timed-out', 'no answer'),
        ...(op.lost ? { lost: true } : {}),
      });
  }
}

async function unaudited({ w }: Watched): Promise<string[]> {
  const plans: Plan[] = await w.plans();
  const missing = plans.flatMap((plan) =>
    plan.trail.map(async (step) => {
      const entry = await w.world.records.get(stepAuditKey(step.at, plan.id, step.nth));
      return entry ? [] : [`${plan.id} ${step.to} at ${step.at} is in no audit`];
    }),
  );
  return (await Promise.all(missing)).flat();
}

describe('any interleaving of words, work, crashes, failures and clocks', () => {
  test('runs a plan once at most, never without those who may, and audits every step', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { minLength: 6, maxLength: 24 }), async (ops) => {
        const watch = await watched();
        for (const op of ops) await perform(watch, op);
        await settle();
        watch.w.plane.failures.splice(0);
        await watch.w.moveOn(31 * 60_000);
        await watch.w.pass(4);
        expect(watch.broken).toEqual([]);
        expect(watch.writes.toSorted()).toEqual([...new Set(watch.writes)].toSorted());
        expect(await unaudited(watch)).toEqual([]);
        const views = (await watch.w.record()).plans ?? [];
        const plans = await watch.w.plans();
        // Whatever happened, what people see is what is kept, and nothing is left halfway.
        for (const plan of plans.slice(-3)) {
          expect(views.find(({ id }) => id === plan.id)?.state ?? plan.phase.state).toBe(plan.phase.state);
          expect(['approved', 'running']).not.toContain(plan.phase.state);
        }
      }),
      { numRuns: 100 },
    );
  }, 60_000);
});
