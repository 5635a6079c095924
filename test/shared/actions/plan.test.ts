import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonical } from '../../../shared/actions/canonical.ts';
import { hashOf, isIntact, mentionsPlan, type NewPlan, newPlan } from '../../../shared/actions/plan.ts';
import { claim, fail, finish, isClaim, putOff, runDue, standingOf, tooLate } from '../../../shared/actions/run.ts';
import { viewOf, withView } from '../../../shared/actions/view.ts';
import { approve, askUndo, reject } from '../../../shared/actions/word.ts';
import type { Plan, PlanView } from '../../../shared/model.ts';

const NOW = '2026-11-20T14:00:00.000Z';
const at = (seconds: number): string => new Date(Date.parse(NOW) + seconds * 1_000).toISOString();
const ALEX = { id: 'slack:T1/U1', name: 'alex' };
const UNTIL = at(7_200);

const DRAFT: NewPlan = {
  incidentId: 'k3f7q2ab',
  action: 'client-policy',
  title: 'Keep',
  params: { lever: 'ttlSeconds', value: 900 },
  target: { kind: 'lever', id: 'headroom:shop:secrets:ttlSeconds', resource: '/subscriptions/1' },
  shown: null,
  diff: 'not set -> 900',
  risk: 'low',
  undoable: true,
};

function approved(): Plan {
  const plan = newPlan(DRAFT, 1, NOW);
  const said = approve(plan, { at: NOW, ...ALEX, identities: [] }, plan.hash);
  if (!said.ok) throw new Error(said.reason);
  return said.plan;
}

const running = (): Plan =>
  claim(
    approved(),
    { worker: 'w', now: NOW, until: at(30) },
    { at: NOW, before: { revision: null, value: null }, desired: { value: 900 }, endsAt: UNTIL },
  );

describe('the hash of a plan', () => {
  test.each([
    ['params', { params: { lever: 'ttlSeconds', value: 901 } }],
    ['target', { target: { ...DRAFT.target, id: 'headroom:other:secrets:ttlSeconds' } }],
    ['how it stood', { shown: { value: 1 } }],
    ['what was shown', { diff: 'something else' }],
    ['risk', { risk: 'high' as const }],
    ['action', { action: 'another' }],
    ['incident', { incidentId: 'aaaaaaaa' }],
  ])('covers its %s', (_what, change) => {
    expect(hashOf({ ...DRAFT, ...change })).not.toBe(hashOf(DRAFT));
    expect(isIntact({ ...newPlan(DRAFT, 1, NOW), ...change })).toBe(false);
  });

  test('does not cover what is predicted, nor how far it has got', () => {
    const plan = running();
    expect(plan.hash).toBe(hashOf(DRAFT));
    expect(isIntact(plan)).toBe(true);
  });

  test('is that of the values, in whichever order their keys stand', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const turned = Object.fromEntries(Object.entries(value).toReversed());
        expect(canonical(turned)).toBe(canonical(value));
      }),
    );
  });
});

describe('a plan', () => {
  test('is claimed by one worker until its time, then by whoever comes', () => {
    const plan = running();
    expect(runDue(plan, at(29.999))).toBe(null);
    expect(runDue(plan, at(30))).toEqual({ direction: 'do', attempts: 1 });
    const again = claim(plan, { worker: 'w', now: at(30), until: at(60) }, undefined);
    expect([isClaim(plan, plan), isClaim(again, plan)]).toEqual([true, false]);
    expect(again.performed).toEqual(plan.performed);
  });

  test('that was put off is due then', () => {
    expect(runDue(putOff(running(), at(5)), at(5))).toEqual({ direction: 'do', attempts: 1 });
  });

  test.each([
    [15 * 60, null],
    [15 * 60 + 1, 'it could not be done within 15 min'],
  ])('that was approved %d s ago: %s', (seconds, why) => {
    expect(tooLate(approved(), at(seconds))).toBe(why);
  });

  test('is given up after eight tries', () => {
    let plan = running();
    for (let tries = 1; tries < 8; tries += 1) {
      expect(tooLate(plan, at(tries))).toBe(null);
      plan = claim(putOff(plan, at(tries)), { worker: 'w', now: at(tries), until: at(tries) }, undefined);
    }
    expect(tooLate(plan, at(8))).toBe('it was tried 8 times');
  });

  test.each([
    ['running', running()],
    ['done', finish(running(), NOW, NOW, null)],
    ['undone', finish({ ...running(), phase: { ...Object(running().phase), direction: 'undo' } }, NOW, NOW, null)],
  ])('that is %s takes no other word', (_state, plan) => {
    expect(approve(plan, { at: NOW, ...ALEX, identities: [] }, plan.hash).ok).toBe(false);
    expect(reject(plan, ALEX, NOW).ok).toBe(false);
  });

  test('can be undone until it ends by itself, and not a moment longer', () => {
    const done = finish(running(), NOW, NOW, null);
    expect(askUndo(done, ALEX, at(7_199.999)).ok).toBe(true);
    expect(askUndo(done, ALEX, UNTIL)).toMatchObject({ ok: false });
    expect(askUndo({ ...done, undoable: false }, ALEX, NOW)).toMatchObject({ ok: false });
  });

  test('that failed to be undone can be asked for again', () => {
    const done = finish(running(), NOW, NOW, null);
    const asked = askUndo(done, ALEX, NOW);
    if (!asked.ok) throw new Error(asked.reason);
    const failed = fail(asked.plan, NOW, { kind: 'denied', message: 'no' });
    expect(failed.phase).toMatchObject({ state: 'failed', direction: 'undo' });
    expect(askUndo(failed, ALEX, NOW).ok).toBe(true);
    expect(approve(failed, { at: NOW, ...ALEX, identities: [] }, failed.hash).ok).toBe(false);
  });

  test.each([
    [{ a: 1, b: 2 }, 'there'],
    [{ b: 2, a: 1 }, 'there'],
    [null, 'before'],
    [{ a: 1 }, 'other'],
  ])('finds a target that stands as %j %s', (value, is) => {
    expect(standingOf({ revision: 'r', value }, { from: null, to: { a: 1, b: 2 } }).is).toBe(is);
  });
});

describe('what an incident shows of a plan', () => {
  const view = (version: number): PlanView => ({ ...viewOf(newPlan(DRAFT, 1, NOW), NOW), version });

  test('is never older than what it showed', () => {
    const views = withView([], view(3));
    expect(withView(views, view(2))).toBe(views);
    expect(withView(views, view(3))).toBe(views);
    expect(withView(views, view(4))).toEqual([view(4)]);
  });

  test('is eight plans at most, of which those that are over go first', () => {
    const of = (n: number, over: boolean): PlanView => {
      const { lookAt, ...rest } = viewOf(newPlan(DRAFT, n, NOW), NOW);
      return over || lookAt === undefined ? rest : { ...rest, lookAt };
    };
    const eight = Array.from({ length: 8 }, (_, index) => of(index + 1, index === 3));
    const views = withView(eight, of(9, false));
    expect(views.map(({ id }) => id.split('-')[1])).toEqual(['1', '2', '3', '5', '6', '7', '8', '9']);
  });
});

test.each([
  ['k3f7q2ab-1', true],
  ['k3f7q2ab-9999', true],
  ['k3f7q2ab', false],
  ['k3f7q2ab-', false],
  ['k3f7q2ab-12345', false],
  ['K3F7-1', false],
  ['../state-1', false],
])('%s is written as a plan: %s', (text, is) => {
  expect(mentionsPlan(text)).toBe(is);
});
