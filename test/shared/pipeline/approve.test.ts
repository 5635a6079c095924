import { describe, expect, test } from 'vitest';
import { closeByPerson } from '../../../shared/incidents/accept.ts';
import type { Plan } from '../../../shared/model.ts';
import { actionDepsOf } from '../../../shared/pipeline/action-deps.ts';
import { giveWord } from '../../../shared/pipeline/approve.ts';
import { updateIncident } from '../../../shared/pipeline/incidents.ts';
import { planKey } from '../../../shared/pipeline/keys.ts';
import { settingsOf } from '../commands/kit.ts';
import {
  type ActionWorld,
  ALEX,
  ALEX_ON_TEAMS,
  actionWorld,
  HOLD,
  KIM,
  LONER,
  SETTINGS,
  STRANGER,
} from './action-kit.ts';

/** What is refused: told to who asked, audited, and nothing is done. */
async function expectRefused(w: ActionWorld, person: typeof ALEX, text: string, reason: string): Promise<void> {
  const [title] = await w.say(person, text);
  expect(title).toBe(reason);
  await w.workOff();
  expect(w.plane.writes).toEqual([]);
  const [word, plan] = text.split(' ');
  const refused = (await w.audit()).filter(({ outcome }) => outcome === 'refused');
  expect(refused.at(-1)).toMatchObject({ by: person.id, action: word, incidentId: w.id, detail: plan, reason });
}

async function tamper({ world }: ActionWorld, id: string, change: (plan: Plan) => Plan): Promise<void> {
  const stored = await world.records.get<Plan>(planKey(id));
  if (stored) await world.records.put(planKey(id), change(stored.value), stored.revision);
}

describe('a word to a plan is refused, audited, and nothing is done', () => {
  test('by whom it is not allowed', async () => {
    const w = await actionWorld();
    for (const word of ['approve', 'reject', 'undo'])
      await expectRefused(w, STRANGER, `${word} ${w.id}-1`, 'You are not on the list of those who may client-policy');
  });

  test('once it has expired', async () => {
    const w = await actionWorld();
    await w.moveOn(30 * 60_000);
    await expectRefused(w, ALEX, `approve ${w.id}-1`, `${w.id}-1 has expired, and cannot be approved`);
    await w.pass(2);
    expect((await w.view())?.state).toBe('expired');
    await expectRefused(w, ALEX, `approve ${w.id}-1`, `${w.id}-1 has expired, and cannot be approved`);
  });

  test('in the last millisecond it is taken', async () => {
    const w = await actionWorld();
    await w.moveOn(30 * 60_000 - 1);
    expect((await w.say(ALEX, `approve ${w.id}-1`))[0]).toBe(`${w.id}-1 is approved by alex, and is done now`);
  });

  test('when what is kept is not what was shown', async () => {
    const w = await actionWorld();
    await tamper(w, `${w.id}-1`, (plan) => ({ ...plan, params: { app: 'shop', lever: 'ttlSeconds', value: 86_400 } }));
    await expectRefused(w, ALEX, `approve ${w.id}-1`, 'This plan is not the one that was shown');
  });

  test('when another plan was shown under its name', async () => {
    const w = await actionWorld();
    await tamper(w, `${w.id}-1`, (plan) => ({ ...plan, hash: 'f'.repeat(32) }));
    await expectRefused(w, ALEX, `approve ${w.id}-1`, 'This plan is not the one that was shown');
  });

  test('after it was rejected', async () => {
    const w = await actionWorld();
    await w.say(KIM, `reject ${w.id}-1`);
    await expectRefused(w, ALEX, `approve ${w.id}-1`, `${w.id}-1 was rejected, and cannot be approved`);
  });

  test('when the incident is over', async () => {
    const w = await actionWorld();
    const now = new Date(w.world.clock.now()).toISOString();
    await updateIncident(w.world.deps, w.id, (record) => record && closeByPerson(record, now, ALEX.id));
    await expectRefused(w, ALEX, `approve ${w.id}-1`, `${w.id} (kv-contoso) is over already`);
    await w.pass(2);
    expect((await w.plan()).phase).toMatchObject({ state: 'expired' });
  });

  test('when the incident has become unverified, or lies in no scope any more', async () => {
    const w = await actionWorld();
    await updateIncident(w.world.deps, w.id, (record) => record && { ...record, verified: false });
    await expectRefused(
      w,
      ALEX,
      `approve ${w.id}-1`,
      `${w.id} (kv-contoso) is unverified, and nothing is done about it`,
    );
  });

  test('of which there is none', async () => {
    const w = await actionWorld();
    await expectRefused(w, ALEX, `approve ${w.id}-9`, `There is no plan '${w.id}-9'`);
  });
});

describe('a plan that two people have to agree to', () => {
  test.each([
    ['the same person', ALEX],
    ['the same human on the other platform', ALEX_ON_TEAMS],
  ])('is not approved a second time by %s', async (_who, second) => {
    const w = await actionWorld({ actions: [HOLD] });
    await w.say(ALEX, `approve ${w.id}-1`);
    await expectRefused(
      w,
      second,
      `approve ${w.id}-1`,
      `You gave your word to ${w.id}-1 already; it needs that of a second person`,
    );
  });

  test('is not approved by whoever cannot be told from others, first or second', async () => {
    const w = await actionWorld({ actions: [HOLD] });
    const reason = 'This needs two people who can be told apart, and who you are elsewhere is not known';
    await expectRefused(w, LONER, `approve ${w.id}-1`, reason);
    await w.say(ALEX, `approve ${w.id}-1`);
    await expectRefused(w, LONER, `approve ${w.id}-1`, reason);
    await expectRefused(w, { id: 'local', name: 'root' }, `approve ${w.id}-1`, reason);
  });

  test('is not approved by two who are known by different things, and may be one', async () => {
    const settings = settingsOf({
      ...JSON.parse(JSON.stringify(SETTINGS)),
      identities: [{ slack: 'T1/U1', email: 'alex@example.org' }],
    });
    const w = await actionWorld({ actions: [HOLD], settings });
    await w.say(ALEX, `approve ${w.id}-1`);
    await expectRefused(w, ALEX_ON_TEAMS, `approve ${w.id}-1`, 'It cannot be told whether you and alex are two people');
  });

  test('is done when the second is another, on whichever platform', async () => {
    const w = await actionWorld({ actions: [HOLD] });
    await w.say(ALEX_ON_TEAMS, `approve ${w.id}-1`);
    await w.say(KIM, `approve ${w.id}-1`);
    await w.workOff();
    expect(w.plane.writes.length).toBe(1);
  });
});

describe('what was approved', () => {
  test('is left undone when who approved it may not any more', async () => {
    const w = await actionWorld();
    await w.say(ALEX, `approve ${w.id}-1`);
    const settings = { ...SETTINGS, approvers: [] };
    const { actions } = actionDepsOf({ actions: 'on', settings }, [w.plane]);
    if (actions) w.world.deps.actions = actions;
    await w.workOff();
    expect(w.plane.writes).toEqual([]);
    expect((await w.view())?.failure?.message).toBe('It was left undone: who approved it may not any more');
  });

  test('is left undone when the incident is over by then', async () => {
    const w = await actionWorld();
    await w.say(ALEX, `approve ${w.id}-1`);
    const now = new Date(w.world.clock.now()).toISOString();
    await updateIncident(w.world.deps, w.id, (record) => record && closeByPerson(record, now, ALEX.id));
    await w.workOff();
    expect(w.plane.writes).toEqual([]);
    expect((await w.view())?.failure?.message).toBe('It was left undone: the incident is not as it was');
  });

  test('can be taken back when the incident is over', async () => {
    const w = await actionWorld();
    await w.say(ALEX, `approve ${w.id}-1`);
    await w.workOff();
    const now = new Date(w.world.clock.now()).toISOString();
    await updateIncident(w.world.deps, w.id, (record) => record && closeByPerson(record, now, ALEX.id));
    await w.say(ALEX, `undo ${w.id}-1`);
    await w.workOff();
    expect(w.plane.values.size).toBe(0);
  });

  test('is found by the watch when the process ended before it was queued', async () => {
    const w = await actionWorld();
    const deps = { ...w.commandDeps(ALEX), queue: { ...w.world.queue, send: async () => undefined } };
    await giveWord(deps, ALEX, 'approve', `${w.id}-1`);
    await w.workOff();
    expect(w.plane.writes).toEqual([]);
    await w.pass(3);
    expect(w.plane.writes.length).toBe(1);
  });
});
