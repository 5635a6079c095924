import { describe, expect, test } from 'vitest';
import type { ControlPlane } from '../../../shared/ports.ts';
import { type ActionWorld, ALEX, actionWorld, TTL_KEY } from './action-kit.ts';
import { workOff } from './kit.ts';
import { type Death, type Life, liveUntil } from './mortal.ts';

/** The world in the hands of a process that dies at a step, its control plane among what it changes. */
function mortal({ world, plane }: ActionWorld, life: Life): ActionWorld['world'] {
  const { deps } = world;
  const { actions } = deps;
  if (!actions) throw new Error('actions are off');
  const own: ControlPlane = life.wrap(plane, 'plane', ['write']);
  const records = life.wrap(deps.records, 'records', ['put']);
  return {
    ...world,
    records,
    deps: {
      ...deps,
      worker: 'mortal',
      records,
      queue: life.wrapQueue(deps.queue),
      actions: { ...actions, planes: [{ kind: plane.kind, read: own.read, write: own.write }] },
    },
  };
}

/** Works until nothing is left to do, or the process dies. */
async function workAs(life: Life, world: ActionWorld['world']): Promise<void> {
  await Promise.race([workOff(world), life.died]);
}

const STEPS = 24;

async function playUntil(death: Death | undefined): Promise<{ w: ActionWorld; steps: string[] }> {
  const w = await actionWorld();
  w.log(() => Date.parse('2026-11-20T14:00:40Z'));
  await w.say(ALEX, `approve ${w.id}-1`);
  const life = liveUntil(death);
  await workAs(life, mortal(w, life));
  return { w, steps: life.steps };
}

describe('a process that dies while it acts', () => {
  test('dies at steps that are all of the way', async () => {
    const { steps } = await playUntil(undefined);
    expect(steps.filter((step) => step.startsWith('plane.write'))).toHaveLength(1);
    expect(steps.length).toBeLessThanOrEqual(STEPS);
  });

  test.each(
    Array.from({ length: STEPS }, (_, index) => index + 1).flatMap((step) => [
      { step, when: 'before' as const },
      { step, when: 'after' as const },
    ]),
  )('$when step $step loses nothing and repeats nothing', async (death) => {
    const { w } = await playUntil(death);
    await w.pass(10);
    expect(w.plane.writes.map(({ key }) => key)).toEqual([TTL_KEY]);
    const plan = await w.plan();
    expect(plan.phase.state).toBe('verified');
    expect((await w.view())?.state).toBe('verified');
    expect(w.text()).toContain('429s stopped');
    const audited = (await w.audit()).map(({ action }) => action);
    for (const action of ['plan', 'approve', 'run', 'did', 'verify']) expect(audited).toContain(action);
    expect(audited.filter((action) => action === 'did')).toHaveLength(1);
  });
});
