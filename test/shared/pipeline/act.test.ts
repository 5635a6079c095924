import { describe, expect, test } from 'vitest';
import { HeadroomError } from '../../../shared/errors.ts';
import { ALEX, actionWorld, DENIED, HOLD, KEEP, KIM, TIMED_OUT, TTL_KEY } from './action-kit.ts';
import { fakeChat } from './chat.ts';

const LEVER = {
  value: 3_600,
  until: '2026-11-20T16:00:00.000Z',
  incident: '',
  by: '',
};

describe('an action that would help', () => {
  test('is offered in the message: what changes, what is predicted, and until when it can be approved', async () => {
    const w = await actionWorld();
    expect(await w.view()).toMatchObject({
      state: 'planned',
      risk: 'low',
      diff: 'ttlSeconds: not set -> 3600, for 2 h',
    });
    expect(w.text()).toContain('Let shop keep its secrets for 1 h');
    expect(w.text()).toContain('Waits for approval until 14:30');
    expect(w.text()).toContain('Predicted 97 % fewer: 1,000 → 30 refused');
  });

  test('is not offered where actions are off, and nothing can be approved', async () => {
    const w = await actionWorld({ given: { actions: undefined } as never });
    expect(await w.view()).toBe(undefined);
    expect(await w.say(ALEX, `approve ${w.id}-1`)).toContain('Actions are off in this installation');
    expect(await w.say(ALEX, `actions ${w.id}`)).toContain(
      `Nothing is done about ${w.id} (kv-contoso): actions are off`,
    );
  });

  test('is not offered for an incident that is unverified', async () => {
    const w = await actionWorld({ actions: [] });
    await w.find([KEEP], { verified: false });
    expect(await w.view()).toBe(undefined);
    expect(await w.plans()).toEqual([]);
  });

  test('is offered anew with another number once the cause is seen otherwise, and the old one has changed', async () => {
    const w = await actionWorld();
    await w.find([{ id: 'client-policy', params: { lever: 'ttlSeconds', value: 1_800 } }]);
    expect((await w.plan(1)).phase).toMatchObject({ state: 'expired', why: 'changed' });
    expect(await w.view(2)).toMatchObject({ state: 'planned', diff: 'ttlSeconds: not set -> 1800, for 2 h' });
    expect(await w.say(ALEX, `approve ${w.id}-1`)).toEqual([
      `${w.id}-1 has changed since it was shown, and cannot be approved`,
      `'actions ${w.id}' shows how it stands, and what is offered now`,
    ]);
    expect(w.plane.writes).toEqual([]);
  });

  test('stays one offer however often the evidence says the same', async () => {
    const w = await actionWorld();
    for (let run = 0; run < 3; run += 1) await w.find([KEEP]);
    expect((await w.plans()).length).toBe(1);
  });

  test('says why it is not offered where the target cannot be read, with the role that is missing', async () => {
    const w = await actionWorld({ actions: [] });
    w.plane.failures.push({ method: 'read', error: DENIED });
    await w.find([KEEP]);
    expect(await w.plans()).toEqual([]);
    expect((await w.record()).planNotes).toEqual([
      { text: 'An action is not offered: the actor lacks a role', nextStep: 'Grant it: az role …' },
    ]);
    await w.find([KEEP]);
    expect((await w.record()).planNotes).toBe(undefined);
    expect((await w.plans()).length).toBe(1);
  });
});

describe('an action that was approved', () => {
  test('is done once, is seen to have worked, and can be taken back', async () => {
    const w = await actionWorld();
    w.log(() => Date.parse('2026-11-20T14:00:40Z'));
    expect(await w.say(ALEX, `approve ${w.id}-1`)).toEqual([
      `${w.id}-1 is approved by alex, and is done now`,
      'Let shop keep its secrets for 1 h',
      'ttlSeconds: not set -> 3600, for 2 h',
    ]);
    await w.workOff();
    const lever = { ...LEVER, incident: w.id, by: `headroom ${w.id}-1` };
    expect(w.plane.writes).toEqual([{ key: TTL_KEY, value: lever }]);
    expect(w.text()).toContain('Done by alex 14:00');
    await w.pass(5);
    expect(w.plane.writes.length).toBe(1);
    expect((await w.view())?.effect).toMatchObject({ verdict: 'stopped', stoppedAfterSeconds: 40, refusedBefore: 300 });
    expect(w.text()).toContain('Worked: 429s stopped 40 s after; 300 → 0 refused a minute');
    expect(w.chats[0]?.replies.join('\n').replaceAll(/\s+/g, ' ')).toContain('429s stopped 40 s after');
    await w.say(KIM, `undo ${w.id}-1`);
    await w.workOff();
    expect(w.plane.values.size).toBe(0);
    expect(w.text()).toContain('Undone by alex and kim 14:05');
    expect((await w.audit()).map(({ by, action, outcome }) => `${by} ${action} ${outcome}`)).toEqual([
      'headroom plan done',
      'slack:T1/U1 approve done',
      'headroom run begun',
      'headroom did done',
      'headroom verify done',
      'slack:T1/U2 undo done',
      'headroom run begun',
      'headroom undid done',
    ]);
  });

  test('that has no effect says so, and asks whether to take it back', async () => {
    const w = await actionWorld();
    w.log(() => Number.POSITIVE_INFINITY);
    await w.say(ALEX, `approve ${w.id}-1`);
    await w.pass(21);
    expect(await w.view()).toMatchObject({ state: 'not-verified', canUndo: true, effect: { verdict: 'none' } });
    expect(w.text()).toContain('No effect: 300 → 300 refused a minute; undo?');
  });

  test('whose effect no log tells is not said to have worked', async () => {
    const w = await actionWorld();
    await w.say(ALEX, `approve ${w.id}-1`);
    await w.pass(21);
    expect(await w.view()).toMatchObject({ state: 'not-verified', effect: { verdict: 'unreadable' } });
    expect(w.text()).toContain('Done, but not proved');
  });

  test('is done once when approved twice, and the second is told that it was', async () => {
    const w = await actionWorld();
    await w.say(ALEX, `approve ${w.id}-1`);
    expect((await w.say(KIM, `approve ${w.id}-1`))[0]).toBe(`${w.id}-1 is approved already, and cannot be approved`);
    await w.workOff();
    expect((await w.say(KIM, `approve ${w.id}-1`))[0]).toBe(`${w.id}-1 is done already, and cannot be approved`);
    await w.workOff();
    expect(w.plane.writes.length).toBe(1);
  });

  test('puts back the policy that stood there before', async () => {
    const w = await actionWorld({ actions: [] });
    const old = { value: 600, until: '2026-11-20T15:00:00Z', incident: 'other', by: 'kim' };
    w.plane.values.set(TTL_KEY, old);
    await w.find([KEEP]);
    expect((await w.view())?.diff).toBe('ttlSeconds: 600 until 2026-11-20T15:00:00Z -> 3600, for 2 h');
    await w.say(ALEX, `approve ${w.id}-1`);
    await w.workOff();
    await w.say(ALEX, `undo ${w.id}-1`);
    await w.workOff();
    expect(w.plane.values.get(TTL_KEY)).toEqual(old);
    expect((await w.view())?.state).toBe('undone');
  });

  test('is left undone when somebody has changed the target since it was shown', async () => {
    const w = await actionWorld();
    w.plane.values.set(TTL_KEY, { value: 60, until: '2026-11-20T15:00:00Z' });
    await w.say(ALEX, `approve ${w.id}-1`);
    await w.workOff();
    expect(w.plane.writes).toEqual([]);
    expect(await w.view()).toMatchObject({
      state: 'failed',
      failure: { message: 'Let shop keep its secrets for 1 h: somebody has changed it since this was shown' },
    });
  });

  test('is not taken back over what somebody has written since', async () => {
    const w = await actionWorld();
    await w.say(ALEX, `approve ${w.id}-1`);
    await w.workOff();
    w.plane.values.set(TTL_KEY, { value: 60, until: '2026-11-20T15:00:00Z' });
    await w.say(ALEX, `undo ${w.id}-1`);
    await w.workOff();
    expect(w.plane.writes.length).toBe(1);
    expect((await w.view())?.state).toBe('failed');
  });

  test.each([
    ['lost answers', { method: 'write', error: TIMED_OUT, lost: true }],
    ['a store that is down', { method: 'write', error: new HeadroomError('unavailable', 'down') }],
    ['a store that cannot be read', { method: 'read', error: new HeadroomError('throttled', '429') }],
  ] as const)('is done once in spite of %s', async (_what, failure) => {
    const w = await actionWorld();
    w.plane.failures.push(failure, failure);
    await w.say(ALEX, `approve ${w.id}-1`);
    await w.pass(2);
    expect(w.plane.writes.length).toBe(1);
    expect(['done', 'verified', 'not-verified']).toContain((await w.view())?.state);
  });

  test('that is denied says which role is missing and how to grant it, and can be approved again', async () => {
    const w = await actionWorld();
    w.plane.failures.push({ method: 'write', error: DENIED });
    await w.say(ALEX, `approve ${w.id}-1`);
    await w.workOff();
    expect(w.text()).toContain('the actor lacks a role Next: Grant it: az role …');
    await w.say(ALEX, `approve ${w.id}-1`);
    await w.workOff();
    expect(w.plane.writes.length).toBe(1);
  });

  test('that cannot be done within 15 min is left undone', async () => {
    const w = await actionWorld();
    for (let i = 0; i < 40; i += 1)
      w.plane.failures.push({ method: 'read', error: new HeadroomError('unavailable', 'down') });
    await w.say(ALEX, `approve ${w.id}-1`);
    await w.pass(20);
    w.plane.failures.splice(0);
    await w.pass(2);
    expect(w.plane.writes).toEqual([]);
    expect(await w.view()).toMatchObject({ state: 'failed' });
  });

  test('ends by itself, and cannot be taken back after that', async () => {
    const w = await actionWorld();
    w.log(() => Date.parse('2026-11-20T14:00:40Z'));
    await w.say(ALEX, `approve ${w.id}-1`);
    await w.pass(5);
    expect((await w.view())?.canUndo).toBe(true);
    await w.moveOn(2 * 3_600_000);
    await w.pass(2);
    expect((await w.view())?.canUndo).toBe(undefined);
    expect((await w.say(ALEX, `undo ${w.id}-1`))[0]).toBe(`${w.id}-1 has ended by itself, and cannot be undone`);
  });
});

describe('an approval on one platform', () => {
  test('is seen on the other', async () => {
    const chats = [fakeChat({ key: 'slack-bot:C1' }), fakeChat({ key: 'teams-bot:19:a@thread' })];
    const w = await actionWorld({ chats });
    await w.say(ALEX, `approve ${w.id}-1`);
    await w.workOff();
    expect([w.text(0), w.text(1)].map((text) => text.includes('Done by alex'))).toEqual([true, true]);
  });

  test('of what two people have to agree to waits for the second', async () => {
    const w = await actionWorld({ actions: [HOLD] });
    expect((await w.say(ALEX, `approve ${w.id}-1`))[0]).toBe(
      `${w.id}-1 is approved by alex, and needs a second person`,
    );
    await w.workOff();
    expect(w.plane.writes).toEqual([]);
    expect(w.text()).toContain('Approved by alex, needs a second person until 14:30');
    await w.say(KIM, `approve ${w.id}-1`);
    await w.workOff();
    expect(w.plane.writes.map(({ value }) => value)).toMatchObject([{ value: 20, fleetSize: 40 }]);
  });
});
