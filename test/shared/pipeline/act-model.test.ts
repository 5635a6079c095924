import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hashOf } from '../../../shared/actions/plan.ts';
import { runCommand } from '../../../shared/commands/dispatch.ts';
import { HeadroomError } from '../../../shared/errors.ts';
import type { Plan } from '../../../shared/model.ts';
import { actionDepsOf } from '../../../shared/pipeline/action-deps.ts';
import { planKey } from '../../../shared/pipeline/keys.ts';
import { readPlan } from '../../../shared/pipeline/plans.ts';
import { work } from '../../../shared/pipeline/work.ts';
import { beforeWord, HUMANS, judgeWord, MEDDLER, PEOPLE, type Watched, watched } from './act-watch.ts';
import { type ActionWorld, ALEX, ALEX_ON_TEAMS, HOLD, KEEP, KIM, LONER, SETTINGS, TTL_KEY } from './action-kit.ts';
import { settle, workOff } from './kit.ts';
import { type Death, type Life, liveUntil } from './mortal.ts';
import { type Held, heldAt, type Stall } from './stall.ts';

const WORDS = ['approve', 'reject', 'undo'] as const;
type Word = (typeof WORDS)[number];
const JUMPS_MS = [1_000, 5_000, 40_000, 3 * 60_000, 16 * 60_000, 31 * 60_000];
const WANTED = [KEEP, HOLD, { id: 'client-policy', params: { lever: 'ttlSeconds', value: 900 } }];

/** What may happen to a worker on its way. */
type Trouble = { death?: Death; stall?: Stall };

type Op =
  /** `plan`: of those to which the word can be said, or of all. */
  | { op: 'say'; who: number; word: Word; plan: number; fitting: boolean; death?: Death }
  /** By one worker or by two at once, which are of one process where `alike`. */
  | { op: 'work'; trouble: Trouble; beside?: Trouble; alike: boolean }
  /** One that was held up goes on with what it knew. */
  | { op: 'wake'; which: number }
  | { op: 'jump'; by: number }
  | { op: 'find'; wanted: number }
  | { op: 'meddle' }
  /** Somebody changes a plan where it is kept, with a hash that fits or without. */
  | { op: 'tamper'; plan: number; rehash: boolean }
  | { op: 'entitle'; people: number }
  | { op: 'fail'; method: 'read' | 'write'; lost: boolean };

type World = { watch: Watched; sleeping: { release(): void; ended: Promise<unknown> }[] };

const death = fc.record({ step: fc.integer({ min: 1, max: 12 }), when: fc.constantFrom('before', 'after') });
const maybeDeath = fc.option(death, { nil: undefined, freq: 5 }).map((one) => (one ? { death: one } : {}));
/** Where the order of two workers decides: what they know of the plan and of what stands outside, the claim, the call. */
const PLACES = ['plan get', 'plan put', 'plane read', 'plane write', 'incident put'];
const stall = fc.record({ at: fc.constantFrom(...PLACES), when: fc.constantFrom('before', 'after') });
const trouble: fc.Arbitrary<Trouble> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({}) },
  { weight: 2, arbitrary: stall.map((one) => ({ stall: one })) },
  { weight: 1, arbitrary: death.map((one) => ({ death: one })) },
);
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
    arbitrary: fc
      .tuple(trouble, fc.option(trouble, { nil: undefined }), fc.boolean())
      .map(([first, beside, alike]): Op => ({ op: 'work', trouble: first, alike, ...(beside ? { beside } : {}) })),
  },
  { weight: 3, arbitrary: fc.nat({ max: 2 }).map((which): Op => ({ op: 'wake', which })) },
  { weight: 3, arbitrary: nth(JUMPS_MS).map((by): Op => ({ op: 'jump', by })) },
  { weight: 1, arbitrary: nth(WANTED).map((wanted): Op => ({ op: 'find', wanted })) },
  { weight: 1, arbitrary: fc.constant<Op>({ op: 'meddle' }) },
  {
    weight: 1,
    arbitrary: fc
      .record({ plan: fc.nat({ max: 2 }), rehash: fc.boolean() })
      .map((tampered): Op => ({ op: 'tamper', ...tampered })),
  },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 4 }).map((people): Op => ({ op: 'entitle', people })) },
  {
    weight: 1,
    arbitrary: fc
      .record({ method: fc.constantFrom('read' as const, 'write' as const), lost: fc.boolean() })
      .map((failure): Op => ({ op: 'fail', ...failure })),
  },
);

function recordPlace(method: string, [key]: readonly unknown[]): string {
  const id = typeof key === 'object' && key !== null && 'id' in key ? String(key.id) : '';
  return `${id.startsWith('plan~') ? 'plan' : id === 'state' ? 'incident' : 'other'} ${method}`;
}

/** What leads far: approved by as many as it takes, done, and asked to be taken back. */
const chapter: fc.Arbitrary<Op[]> = fc.record({ isUndone: fc.boolean(), last: operation }).map(({ isUndone, last }) => {
  const say = (word: Word, who: number): Op => ({ op: 'say', who, word, plan: 0, fitting: true });
  const work: Op = { op: 'work', trouble: {}, alike: false };
  return isUndone
    ? [say('approve', 0), say('approve', 1), work, say('undo', 1), last]
    : [say('approve', 0), say('approve', 1), last];
});

/** Two workers at what was approved, each held up between its look and its call; they go on in either order. */
const race: fc.Arbitrary<Op[]> = fc
  .record({ first: stall, second: stall, alike: fc.boolean(), which: fc.nat({ max: 1 }), between: operation })
  .map(({ first, second, alike, which, between }) => [
    { op: 'say', who: 0, word: 'approve', plan: 0, fitting: true },
    { op: 'say', who: 1, word: 'approve', plan: 0, fitting: true },
    { op: 'work', trouble: { stall: first }, beside: { stall: second }, alike },
    between,
    { op: 'wake', which },
    { op: 'wake', which: 0 },
  ]);

const story = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: operation.map((one) => [one]) },
      { weight: 1, arbitrary: chapter },
      { weight: 1, arbitrary: race },
    ),
    { minLength: 4, maxLength: 18 },
  )
  .map((chapters) => chapters.flat());

/** The world in the hands of a process that may die, or be held up. */
function ofProcess({ w, planeOf, arrive }: Watched, worker: string, life: Life, held: Held): ActionWorld['world'] {
  const { world } = w;
  const { actions } = world.deps;
  const sent = life.wrap(
    held.wrap({ write: arrive }, () => 'plane write'),
    'plane',
    ['write'],
  );
  const plane = planeOf(worker, sent.write);
  const records = life.wrap(held.wrap(world.records, recordPlace), 'records', ['put']);
  const { read } = held.wrap({ read: plane.read }, () => 'plane read');
  const own = actions ? { actions: { ...actions, planes: [{ ...plane, read }] } } : {};
  const queue = life.wrapQueue(world.deps.queue);
  const clock = held.clock(world.deps.clock);
  return { ...world, records, deps: { ...world.deps, ...own, records, queue, clock, worker } };
}

/** The plan that somebody means. */
async function planFor(w: ActionWorld, { word, plan, fitting }: Op & { op: 'say' }): Promise<string> {
  const plans = await w.plans();
  const takes = ({ phase }: Plan) =>
    word === 'undo' ? ['done', 'verified', 'not-verified'].includes(phase.state) : phase.state === 'planned';
  const meant = fitting ? plans.filter(takes) : plans;
  return meant[plan % Math.max(1, meant.length)]?.id ?? `${w.id}-${plan + 1}`;
}

async function say(watch: Watched, op: Op & { op: 'say' }): Promise<void> {
  const { w } = watch;
  const person = PEOPLE[op.who] ?? ALEX;
  const life = liveUntil(op.death);
  const { deps } = ofProcess(watch, 'route', life, heldAt());
  const before = await beforeWord(watch, person.id);
  const said = runCommand({ ...w.commandDeps(person), ...deps }, `${op.word} ${await planFor(w, op)}`);
  await Promise.race([said, life.died]);
  await judgeWord(watch, person.id, before, life.isDead());
}

async function workOn({ watch, sleeping }: World, op: Op & { op: 'work' }): Promise<void> {
  const { w } = watch;
  const all = [op.trouble, ...(op.beside ? [op.beside] : [])].map(({ death: dies, stall: stalls }, nth) => {
    const life = liveUntil(dies);
    const held = heldAt(stalls);
    return { life, held, world: ofProcess(watch, op.alike ? 'worker' : `worker-${nth}`, life, held) };
  });
  // Each has a message of its own: what one has taken from the queue the other does not see.
  const message = { v: 1, incidentId: w.id };
  const ends = all.map(({ life, held, world }) => {
    const ended = Promise.race([work(world.deps, message).then(() => workOff(world)), life.died]);
    const stuck = held.stuck.then(() => sleeping.push({ release: held.release, ended }));
    return Promise.race([ended, stuck]);
  });
  await Promise.all(ends);
}

async function wake({ sleeping }: World, which = 0): Promise<void> {
  const [one] = sleeping.splice(which % Math.max(1, sleeping.length), 1);
  one?.release();
  await one?.ended;
}

async function tamper({ w }: Watched, { plan: at, rehash }: Op & { op: 'tamper' }): Promise<void> {
  const plans = await w.plans();
  const stored = await readPlan(w.world.deps, plans[at % Math.max(1, plans.length)]?.id ?? '');
  // Between the claim and the call nobody could notice.
  if (!stored || stored.value.phase.state === 'running') return;
  const changed = { ...stored.value, target: { ...stored.value.target, id: 'headroom:pay:secrets:paused' } };
  const plan = rehash ? { ...changed, hash: hashOf(changed) } : changed;
  await w.world.records.put(planKey(plan.id), plan, stored.revision);
}

async function perform(world: World, op: Op): Promise<void> {
  const { watch } = world;
  const { w, entitled } = watch;
  switch (op.op) {
    case 'say':
      return say(watch, op);
    case 'work':
      return workOn(world, op);
    case 'wake':
      return wake(world, op.which);
    case 'jump':
      return w.moveOn(JUMPS_MS[op.by] ?? 1_000);
    case 'find':
      return w.find([WANTED[op.wanted] ?? KEEP]);
    case 'meddle':
      w.plane.values.set(TTL_KEY, { value: 77, until: '2026-11-21T00:00:00Z', by: MEDDLER });
      return;
    case 'tamper':
      return tamper(watch, op);
    case 'entitle': {
      // Processes start anew with other settings: none goes on with the old ones.
      while (world.sleeping.length > 0) await wake(world);
      const people = [ALEX.id, KIM.id, LONER.id, ALEX_ON_TEAMS.id].slice(op.people);
      entitled.clear();
      for (const id of people) entitled.add(id);
      // Whoever is linked to somebody on the list is on it.
      for (const id of [ALEX.id, ALEX_ON_TEAMS.id]) if (people.some((one) => HUMANS[one] === 'alex')) entitled.add(id);
      const settings = { ...SETTINGS, approvers: [{ people, actions: ['client-policy'] }] };
      const { actions } = actionDepsOf({ actions: 'on', settings }, [w.plane]);
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

describe('any interleaving of words, work, crashes, stalls, failures, meddling and clocks', () => {
  test('runs a plan once at most, by one worker, never without those who may, and audits every step and refusal', async () => {
    await fc.assert(
      fc.asyncProperty(story, async (ops) => {
        const world: World = { watch: await watched(), sleeping: [] };
        const { watch, sleeping } = world;
        for (const op of ops) await perform(world, op);
        while (sleeping.length > 0) await wake(world);
        await settle();
        watch.w.plane.failures.splice(0);
        await watch.w.moveOn(31 * 60_000);
        await watch.w.pass(4);
        expect(watch.broken).toEqual([]);
        expect(watch.changes.toSorted()).toEqual([...new Set(watch.changes)].toSorted());
        expect(await watch.unaudited()).toEqual([]);
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
  }, 240_000);
});
