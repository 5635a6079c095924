import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Plan } from '../../../shared/model.ts';
import { forgetPerson } from '../../../shared/pipeline/forget.ts';
import { planKey } from '../../../shared/pipeline/keys.ts';
import { listPlans, readPlan, updatePlan } from '../../../shared/pipeline/plans.ts';
import { ALEX, actionWorld, KIM } from './action-kit.ts';

const RECORDED = join(import.meta.dirname, '../../fixtures/records/v1-plan.json');

describe('a plan that version 1 left behind', () => {
  test('is read, shown and undone by this one', async () => {
    const w = await actionWorld({ actions: [] });
    const recorded: Plan = JSON.parse(readFileSync(RECORDED, 'utf8').replaceAll('k3f7q2ab', w.id));
    await w.world.records.put(planKey(recorded.id), recorded, 'absent');
    w.plane.values.set(recorded.target.id, recorded.performed?.desired);
    expect((await listPlans(w.world.deps, w.id)).map(({ phase }) => phase.state)).toEqual(['verified']);
    await w.say(ALEX, `undo ${recorded.id}`);
    await w.workOff();
    await w.pass(2);
    expect(w.plane.values.size).toBe(0);
    expect((await w.view())?.state).toBe('undone');
  });

  test('is left to a newer process where a newer version wrote it', async () => {
    const w = await actionWorld();
    const stored = await w.world.records.get<Plan>(planKey(`${w.id}-1`));
    await w.world.records.put(planKey(`${w.id}-1`), { ...stored?.value, v: 2 }, stored?.revision ?? 'absent');
    await expect(readPlan(w.world.deps, `${w.id}-1`)).rejects.toMatchObject({ kind: 'newer-version' });
    await w.pass(2);
    expect(w.plane.writes).toEqual([]);
  });
});

test('a plan that somebody changes all the time is given back to the queue', async () => {
  const w = await actionWorld();
  const { records } = w.world;
  const contested = { ...w.world.deps, records: { ...records, put: async () => 'conflict' as const } };
  const moving = { ...contested, clock: { ...w.world.clock, sleep: async () => undefined } };
  await expect(updatePlan(moving, `${w.id}-1`, (plan) => ({ ...plan, version: 9 }))).rejects.toMatchObject({
    kind: 'unavailable',
  });
});

test('a person who is forgotten is in no plan, audit or message any more, and what was done is', async () => {
  const w = await actionWorld();
  await w.say(ALEX, `approve ${w.id}-1`);
  await w.workOff();
  await w.say(KIM, `undo ${w.id}-1`);
  await w.workOff();
  await forgetPerson(w.world.deps, { names: [ALEX.id], pseudonym: 'forgotten-1' }, { dryRun: false });
  await w.workOff();
  const kept = JSON.stringify([await w.plans(), await w.record(), await w.audit()]);
  expect(kept).not.toContain(ALEX.id);
  expect(kept).not.toContain('"alex"');
  expect(kept).toContain(KIM.id);
  expect((await w.plan()).approvals).toMatchObject([{ id: 'forgotten-1', name: 'forgotten-1' }]);
  expect(w.text()).toContain('Undone by forgotten-1 and kim');
});
