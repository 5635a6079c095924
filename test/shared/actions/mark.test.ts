import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { acknowledge } from '../../../shared/actions/acknowledge.ts';
import { assign } from '../../../shared/actions/assign.ts';
import { type MarkRule, mark, markDiff, unmark } from '../../../shared/actions/mark.ts';
import { resolve } from '../../../shared/actions/resolve.ts';
import { silence } from '../../../shared/actions/silence.ts';
import { type IncidentRecord, newRecord } from '../../../shared/incidents/record.ts';

const NOW = '2026-11-20T14:00:00.000Z';
const ALEX = { id: 'slack:T1/U1', name: 'alex' };
const KIM = { id: 'slack:T1/U2', name: 'kim' };
const RESOURCE = { cloud: 'azure', id: '/x/kv', name: 'kv', type: 'vault', scope: '/x' } as const;

function fresh(): IncidentRecord {
  const identity = { id: 'k3f7q2ab', fingerprint: 'f', family: 'throttle', openedAt: NOW, verified: true } as const;
  return newRecord({ ...identity, severity: 1, resource: { ...RESOURCE } }, NOW);
}

const at = (minutes: number): string => new Date(Date.parse(NOW) + minutes * 60_000).toISOString();
const by = (person: typeof ALEX, minutes = 0) => ({ by: person, now: at(minutes) });

function undone(rule: MarkRule, record: IncidentRecord, minutes = 1): IncidentRecord | string {
  const result = unmark(rule, record, at(minutes));
  return result.ok ? result.record : result.reason;
}

describe('what people say of an incident', () => {
  test.each<[string, MarkRule, unknown, string]>([
    ['ack', acknowledge, {}, 'not acknowledged -> acknowledged by alex'],
    ['assign', assign, { to: 'dana' }, 'assigned to nobody -> assigned to dana'],
    ['silence', silence, { until: at(60) }, `not silenced -> silenced until ${at(60)}`],
  ])('%s changes it once, says what has changed, and is taken back once', (_name, rule, params, diff) => {
    const before = fresh();
    const after = mark(rule, before, params, by(ALEX));
    expect(markDiff(rule, before, after)).toBe(diff);
    expect(mark(rule, after, params, by(KIM, 1))).toBe(after);
    const back = undone(rule, after);
    expect(back).toMatchObject({ marked: {} });
    expect(back).not.toHaveProperty(rule.fields[0] ?? '');
    if (typeof back !== 'string') expect(undone(rule, back)).toContain('nothing to take back');
  });

  test('that it is over is not taken back: the next alert does that', () => {
    const over = mark(resolve, fresh(), {}, by(ALEX));
    expect([over.lifecycle.state, undone(resolve, over)]).toEqual([
      'resolved',
      'That k3f7q2ab (kv) is resolved cannot be taken back',
    ]);
    expect(undone(resolve, fresh())).toBe('Nobody has resolved k3f7q2ab (kv) here, so there is nothing to take back');
  });

  test('what somebody has changed since stays', () => {
    const acknowledged = mark(acknowledge, fresh(), {}, by(ALEX));
    const assigned = mark(assign, acknowledged, { to: 'dana' }, by(KIM, 1));
    expect(undone(acknowledge, assigned)).toContain('it is not as alex left it');
    const unassigned = undone(assign, assigned);
    if (typeof unassigned === 'string') throw new Error(unassigned);
    expect(unassigned.acknowledged?.by).toBe('alex');
    expect(undone(acknowledge, unassigned)).not.toHaveProperty('acknowledged');
  });

  test.each([
    ['an earlier silence that still lasts comes back', 30, at(60)],
    ['an earlier silence that has run out does not', 90, undefined],
  ])('%s', (_what, minutes, until) => {
    const first = mark(silence, fresh(), { until: at(60) }, by(ALEX));
    const second = mark(silence, first, { until: at(240) }, by(KIM, 5));
    const back = undone(silence, second, minutes);
    expect(back).not.toBeTypeOf('string');
    expect(typeof back === 'string' ? back : back.silencedUntil).toBe(until);
  });

  test('what is over is left as it is', () => {
    const over = mark(resolve, mark(acknowledge, fresh(), {}, by(ALEX)), {}, by(ALEX, 1));
    expect(undone(acknowledge, over)).toContain('is over already');
  });

  test('in any order, an undo brings back what stood before the last word, or changes nothing', () => {
    const said = fc.oneof(
      fc.constant([acknowledge, {}] as const),
      fc.constantFrom('dana', 'lee').map((to) => [assign, { to }] as const),
      fc.constantFrom(at(60), at(600), null).map((until) => [silence, { until }] as const),
    );
    const words = fc.array(fc.tuple(said, fc.constantFrom(ALEX, KIM), fc.boolean()), { maxLength: 12 });
    fc.assert(
      fc.property(words, (all) => {
        let record = fresh();
        for (const [nth, [[rule, params], person, isUndone]] of all.entries()) {
          const after = mark(rule, record, params, by(person, nth));
          if (after === record || !isUndone) {
            record = after;
            continue;
          }
          const back = undone(rule, after, nth);
          if (typeof back === 'string') throw new Error(back);
          const { marked: _marked, unsilencedAt: _at, ...stands } = back;
          const { marked: _before, unsilencedAt: _then, ...stood } = record;
          expect(stands).toEqual(stood);
          record = back;
        }
      }),
    );
  });
});
