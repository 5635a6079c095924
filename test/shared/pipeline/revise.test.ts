import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { acceptAlert } from '../../../shared/incidents/accept.ts';
import type { Destination } from '../../../shared/incidents/effects.ts';
import type { IncidentRecord } from '../../../shared/incidents/record.ts';
import type { Alert } from '../../../shared/model.ts';
import type { Policy } from '../../../shared/pipeline/deps.ts';
import { revise } from '../../../shared/pipeline/revise.ts';
import { type AlertSketch, alertOf, at, HITS, incidentOf } from '../incidents/alerts.ts';
import { POLICY } from './kit.ts';

const DESTINATIONS: Destination[] = [
  { key: 'slack-bot:C1', canEdit: true },
  { key: 'slack-webhook', canEdit: false },
];

function take(record: IncidentRecord | null, alert: Alert, policy: Partial<Policy> = {}, now = at(0)): IncidentRecord {
  const changed = record ? acceptAlert(record, alert) : incidentOf(alert);
  return revise(record, changed, { policy: { ...POLICY, ...policy }, destinations: DESTINATIONS, now });
}

describe('what follows from a change', () => {
  test('the first Fired is revision 1, to be posted everywhere it is routed', () => {
    expect(take(null, alertOf())).toMatchObject({
      revision: 1,
      effects: DESTINATIONS.map(({ key }) => ({ key, revision: 1, reason: 'post', state: 'pending' })),
    });
  });

  test('nothing, when the message stays as it is', () => {
    const record = take(null, alertOf());
    const changed = { ...record, runs: { planned: [1], done: [] } };
    const context = { policy: POLICY, destinations: DESTINATIONS, now: at(1) };
    expect(revise(record, changed, context)).toBe(changed);
  });

  test('nothing is to be sent for what is not posted', () => {
    const busy = take(null, alertOf({ signals: [HITS] }));
    expect([busy.revision, busy.effects]).toEqual([0, []]);
    const told = take(busy, alertOf({ seconds: 60 }));
    expect([told.revision, told.effects.map(({ reason }) => reason)]).toEqual([1, ['post', 'post']]);
  });

  test('a silenced incident is brought up to date when it is over, not before', () => {
    const silenced = { ...take(null, alertOf()), silencedUntil: at(600) };
    const during = take(silenced, alertOf({ rule: 'another', seconds: 60 }), {}, at(60));
    expect(during.revision).toBe(1);
    expect(during.accepted.at(-1)?.outcome).toBe('joined');
    const over = ['another', 'kv-throttled'].reduce(
      (record, rule) => take(record, alertOf({ rule, state: 'resolved', seconds: 90 }), {}, at(90)),
      during,
    );
    expect([over.revision, over.effects[0]?.revision]).toEqual([2, 2]);
    const after = take(during, alertOf({ rule: 'a third', seconds: 700 }), {}, at(700));
    expect(after.revision).toBe(2);
  });

  test('a change of routes posts to the new destination and keeps the old one up to date', () => {
    const first: Partial<Policy> = { route: (_incident, all) => all.slice(0, 1) };
    const second: Partial<Policy> = { route: (_incident, all) => all.slice(1) };
    const record = take(take(null, alertOf(), first), alertOf({ rule: 'another' }), second);
    expect(record.effects.map(({ key, revision }) => [key, revision])).toEqual([
      ['slack-bot:C1', 2],
      ['slack-webhook', 2],
    ]);
  });
});

describe('any history', () => {
  const step = fc.record({
    state: fc.constantFrom<Alert['state'][]>('fired', 'resolved', 'no-data'),
    rule: fc.constantFrom('refused', 'hits', 'other'),
    seconds: fc.nat({ max: 2_000 }),
    policy: fc.constantFrom<Partial<Policy>[]>(
      {},
      { route: () => [] },
      { inMaintenance: () => true },
      { route: (_i, all) => all.slice(1) },
    ),
  });

  test('never takes a revision back, and asks for none that is not there', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 10 }), (steps) => {
        let record: IncidentRecord | null = null;
        for (const { policy, ...sketch } of steps) {
          const one: AlertSketch = sketch.rule === 'hits' ? { ...sketch, signals: [HITS] } : sketch;
          const before: IncidentRecord | null = record;
          const after: IncidentRecord = take(before, alertOf(one), policy, at(sketch.seconds));
          expect(after.revision - (before?.revision ?? 0)).toBeLessThanOrEqual(1);
          expect(after.revision).toBeGreaterThanOrEqual(before?.revision ?? 0);
          expect(after.contentHash === (before?.contentHash ?? '')).toBe(after.revision === (before?.revision ?? 0));
          for (const effect of after.effects) expect(effect.revision).toBeLessThanOrEqual(after.revision);
          expect(new Set(after.effects.map(({ key }) => key)).size).toBe(after.effects.length);
          record = after;
        }
      }),
      { numRuns: 300 },
    );
  });
});
