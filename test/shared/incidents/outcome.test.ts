import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { acceptAlert } from '../../../shared/incidents/accept.ts';
import { decideOutcomes, type OutcomeContext } from '../../../shared/incidents/outcome.ts';
import { type IncidentRecord, isPosted, MAX_ACCEPTED } from '../../../shared/incidents/record.ts';
import type { Alert, Outcome } from '../../../shared/model.ts';
import { type AlertSketch, alertOf, at, HITS, incidentOf } from './alerts.ts';

const TOLD: OutcomeContext = { now: at(0), inMaintenance: false, destinations: ['terminal'] };

function outcomes(record: IncidentRecord): (Outcome | undefined)[] {
  return record.accepted.map(({ outcome }) => outcome);
}

function decided(context: Partial<OutcomeContext>, ...sketches: AlertSketch[]): (Outcome | undefined)[] {
  return outcomes(decideOutcomes(incidentOf(...sketches.map(alertOf)), { ...TOLD, ...context }));
}

describe('the outcome of each alert', () => {
  test.each<[string, Partial<OutcomeContext>, AlertSketch[], (Outcome | undefined)[]]>([
    ['the first Fired is posted', {}, [{}], ['posted']],
    ['the others join it', {}, [{}, { rule: 'b' }, { state: 'resolved', seconds: 9 }], ['posted', 'joined', 'joined']],
    ['a Resolved before its Fired joins', {}, [{ state: 'resolved', seconds: 9 }, {}], ['joined', 'posted']],
    ['no data before a Fired joins', {}, [{ state: 'no-data' }, { seconds: 9 }], ['joined', 'posted']],
    ['a lone Resolved waits', { now: at(899) }, [{ state: 'resolved' }], [undefined]],
    ['until 15 min are over', { now: at(900) }, [{ state: 'resolved' }], ['summarised']],
    ['lone silence too', { now: at(900) }, [{ state: 'no-data' }], ['summarised']],
    ['what only says busy goes to the digest', {}, [{ signals: [HITS] }], ['summarised']],
    [
      'with its Resolved',
      {},
      [{ signals: [HITS] }, { signals: [HITS], state: 'resolved', seconds: 9 }],
      ['summarised', 'summarised'],
    ],
    ['beside refusals it is told', {}, [{ signals: [HITS], rule: 'hits' }, {}], ['posted', 'joined']],
    [
      'in a maintenance window it is silenced',
      { inMaintenance: true },
      [{}, { state: 'resolved', seconds: 9 }],
      ['silenced', 'silenced'],
    ],
    ['that is told elsewhere it has joined there', { inMaintenance: true, attached: true }, [{}], ['joined']],
    ['with no destination it is routed nowhere', { destinations: [] }, [{}], ['routed-nowhere']],
    [
      'and its Resolved too',
      { destinations: [] },
      [{}, { state: 'resolved', seconds: 9 }],
      ['routed-nowhere', 'routed-nowhere'],
    ],
    ['a canary is counted, not posted', {}, [{ synthetic: 'canary' }], ['summarised']],
    ['a test notification is posted', {}, [{ synthetic: 'test' }], ['posted']],
  ])('%s', (_what, context, sketches, expected) => {
    expect(decided(context, ...sketches)).toEqual(expected);
  });

  test.each([
    ['before its end', at(599), 'silenced'],
    ['at its end', at(600), 'posted'],
    ['after its end', at(601), 'posted'],
  ])('a Fired during a silence, %s, is %s', (_when, now, expected) => {
    const silenced: IncidentRecord = { ...incidentOf(alertOf()), silencedUntil: at(600) };
    expect(outcomes(decideOutcomes(silenced, { ...TOLD, now }))).toEqual([expected]);
  });

  test('once decided is never changed', () => {
    const silenced = decideOutcomes(incidentOf(alertOf()), { ...TOLD, inMaintenance: true });
    const later = decideOutcomes(acceptAlert(silenced, alertOf({ rule: 'b', seconds: 60 })), { ...TOLD, now: at(60) });
    expect(outcomes(later)).toEqual(['silenced', 'posted']);
    expect(isPosted(later)).toBe(true);
  });

  test('a busy signal that was summarised is joined by the refusals that are posted later', () => {
    const busy = decideOutcomes(incidentOf(alertOf({ signals: [HITS], rule: 'hits' })), TOLD);
    expect(isPosted(busy)).toBe(false);
    expect(outcomes(decideOutcomes(acceptAlert(busy, alertOf({ seconds: 60 })), TOLD))).toEqual([
      'summarised',
      'posted',
    ]);
  });

  test('nothing to decide gives back the very same record', () => {
    const all = decideOutcomes(incidentOf(alertOf()), TOLD);
    expect(decideOutcomes(all, TOLD)).toBe(all);
  });
});

describe('hundreds of alerts of one incident', () => {
  const many = (count: number, sketch: AlertSketch = {}): Alert[] =>
    Array.from({ length: count }, (_, i) => alertOf({ instance: `i${i}`, ...sketch }));

  test('in one payload are kept one by one up to a bound, and counted beyond it', () => {
    const record = decideOutcomes(incidentOf(...many(MAX_ACCEPTED + 50)), TOLD);
    expect(record.accepted).toHaveLength(MAX_ACCEPTED);
    expect(record.acceptedEarlier).toEqual({ posted: 1, joined: 49 });
    expect(isPosted(record)).toBe(true);
  });

  test('one after another give the same, and the next one still joins', () => {
    const first = incidentOf(alertOf({ instance: 'i0' }));
    const record = many(MAX_ACCEPTED + 50).reduce((r, alert) => decideOutcomes(acceptAlert(r, alert), TOLD), first);
    expect(record.acceptedEarlier).toEqual({ posted: 1, joined: 49 });
    expect(record.accepted.at(-1)?.outcome).toBe('joined');
  });

  test('that only resolved are counted as summarised beyond the bound', () => {
    const record = decideOutcomes(incidentOf(...many(MAX_ACCEPTED + 1, { state: 'resolved' })), TOLD);
    expect(record.acceptedEarlier).toEqual({ summarised: 1 });
    expect(record.accepted).toHaveLength(MAX_ACCEPTED);
  });
});

describe('any history', () => {
  const step = fc.record({
    state: fc.constantFrom<Alert['state'][]>('fired', 'resolved', 'no-data'),
    rule: fc.constantFrom('refused', 'hits'),
    seconds: fc.nat({ max: 3_000 }),
    waitSeconds: fc.nat({ max: 1_200 }),
    inMaintenance: fc.boolean(),
    routed: fc.boolean(),
  });

  test('decides each alert once and for all, posts at most one, and leaves nothing undecided after 15 min', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
        let nowSeconds = 0;
        let record: IncidentRecord | undefined;
        const context = (one: Partial<(typeof steps)[number]>): OutcomeContext => ({
          now: at(nowSeconds),
          inMaintenance: one.inMaintenance ?? false,
          destinations: one.routed === false ? [] : ['terminal'],
        });
        for (const one of steps) {
          nowSeconds += one.waitSeconds;
          const signals = one.rule === 'hits' ? { signals: [HITS] } : {};
          const alert = alertOf({ ...one, ...signals, receivedSeconds: nowSeconds });
          const next = decideOutcomes(record ? acceptAlert(record, alert) : incidentOf(alert), context(one));
          for (const before of record?.accepted ?? [])
            if (before.outcome !== undefined)
              expect(next.accepted.find(({ id }) => id === before.id)?.outcome).toBe(before.outcome);
          expect(outcomes(next).filter((outcome) => outcome === 'posted').length).toBeLessThanOrEqual(1);
          record = next;
        }
        nowSeconds += 900;
        if (record) expect(outcomes(decideOutcomes(record, context({})))).not.toContain(undefined);
      }),
      { numRuns: 1_000 },
    );
  });
});
