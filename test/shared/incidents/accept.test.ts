import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  acceptAlert,
  belongs,
  clearByMetric,
  closeByPerson,
  knows,
  openIncident,
} from '../../../shared/incidents/accept.ts';
import type { IncidentRecord } from '../../../shared/incidents/record.ts';
import type { Alert, Signal } from '../../../shared/model.ts';
import { type AlertSketch, alertOf, at, HITS, incidentOf, REFUSALS } from './alerts.ts';

const FIFTEEN_MIN_S = 900;

describe('taking an alert in', () => {
  test('opens an incident about its resource, with nothing decided and nothing to send', () => {
    const incident = incidentOf(alertOf());
    expect(incident).toMatchObject({
      revision: 0,
      family: 'throttle',
      openedAt: at(0),
      lifecycle: { state: 'open' },
      flaps: 0,
      effects: [],
      signals: [{ rule: 'kv-throttled', state: 'fired', firedAt: at(0), signals: [REFUSALS] }],
    });
    expect(incident.accepted).toEqual([
      { id: alertOf().id, state: 'fired', at: at(0), receivedAt: at(0), inbox: alertOf().payload.inbox },
    ]);
  });

  test('twice gives back the very same record', () => {
    const incident = incidentOf(alertOf());
    expect(acceptAlert(incident, alertOf())).toBe(incident);
    expect(knows(incident, alertOf().id)).toBe(true);
    expect(knows(incident, 'another')).toBe(false);
  });

  test('leaves the record that it was given as it was', () => {
    const incident = incidentOf(alertOf());
    const before = structuredClone(incident);
    acceptAlert(incident, alertOf({ state: 'resolved', seconds: 60 }));
    expect(incident).toEqual(before);
  });

  test('shows each rule once, with what it said last while it fired', () => {
    const said = (value: number): Signal[] => [{ ...REFUSALS, value }];
    const incident = incidentOf(
      alertOf({ seconds: 60, signals: said(2) }),
      alertOf({ seconds: 0, signals: said(1), instance: 'earlier' }),
      alertOf({ seconds: 90, state: 'resolved', signals: said(0) }),
      alertOf({ rule: 'kv-hits', signals: [HITS], seconds: 30 }),
    );
    expect(
      incident.signals.map(({ rule, state, firedAt, signals }) => [rule, state, firedAt, signals[0]?.value]),
    ).toEqual([
      ['kv-hits', 'fired', at(30), 2_100],
      ['kv-throttled', 'fired', at(0), 2],
    ]);
  });

  test('a rule that only resolved is described by its Resolved until its Fired comes', () => {
    const lone = incidentOf(alertOf({ state: 'resolved', seconds: 60, severity: 4 }));
    expect(lone.signals).toMatchObject([{ state: 'resolved', severity: 4, resolvedAt: at(60) }]);
    const joined = acceptAlert(lone, alertOf({ severity: 1 }));
    expect(joined.signals).toMatchObject([{ state: 'resolved', severity: 1, firedAt: at(0), resolvedAt: at(60) }]);
    expect(joined.openedAt).toBe(at(0));
  });

  test('without data it says so, and that it fired before', () => {
    const incident = incidentOf(alertOf(), alertOf({ state: 'no-data', seconds: 60 }));
    expect(incident.signals).toMatchObject([{ state: 'no-data', firedAt: at(0) }]);
    expect(incident.lifecycle).toEqual({ state: 'open' });
  });

  test('the metric read again, or a person, ends it', () => {
    const incident = incidentOf(alertOf());
    expect(clearByMetric(incident, at(600)).lifecycle).toEqual({ state: 'resolved', at: at(600), by: 'metric' });
    expect(closeByPerson(incident, at(600), 'ada').lifecycle).toEqual({ state: 'resolved', at: at(600), by: 'person' });
  });
});

describe('the severity of an incident', () => {
  test('starts at 3 for throttling, whatever the rule says', () => {
    expect(incidentOf(alertOf({ severity: 0 })).severity).toBe(3);
  });

  test('of other families is that of the most severe rule that fires', () => {
    const down = { signals: [{ metric: 'Availability', dimensions: {} }] };
    const incident = incidentOf(
      alertOf({ ...down, severity: 3, rule: 'slow' }),
      alertOf({ ...down, severity: 1, rule: 'down' }),
    );
    expect(incident.severity).toBe(1);
    const diagnosed = { ...incident, diagnosedAt: at(10) };
    expect(acceptAlert(diagnosed, alertOf({ ...down, severity: 0, rule: 'gone', seconds: 30 })).severity).toBe(0);
  });

  test('that was measured is kept when another rule fires', () => {
    const measured: IncidentRecord = { ...incidentOf(alertOf()), diagnosedAt: at(10), severity: 1 };
    expect(acceptAlert(measured, alertOf({ rule: 'another', seconds: 30 })).severity).toBe(1);
  });
});

describe('where one incident ends and the next begins', () => {
  const over = incidentOf(alertOf(), alertOf({ state: 'resolved', seconds: 100 }));
  const firedAfter = (ms: number, sketch: AlertSketch = {}): Alert =>
    alertOf({ seconds: 100 + ms / 1_000, instance: 'next', ...sketch });

  test.each([
    [0, true],
    [FIFTEEN_MIN_S * 1_000 - 1, true],
    [FIFTEEN_MIN_S * 1_000, true],
    [FIFTEEN_MIN_S * 1_000 + 1, false],
    [86_400_000, false],
    [-50_000, true],
  ])('a Fired %i ms after the Resolved belongs to it: %s', (ms, expected) => {
    expect(belongs(over, firedAfter(ms))).toBe(expected);
  });

  test.each([FIFTEEN_MIN_S * 1_000 - 1, FIFTEEN_MIN_S * 1_000])('and reopens it as a flap (%i ms)', (ms) => {
    expect(acceptAlert(over, firedAfter(ms))).toMatchObject({
      lifecycle: { state: 'open' },
      flaps: 1,
      openedAt: at(0),
    });
  });

  test.each<[Alert['state'], string, boolean]>([
    ['resolved', 'kv-throttled-1', true],
    ['no-data', 'kv-throttled-1', true],
    ['resolved', 'never seen', false],
    ['no-data', 'never seen', false],
  ])('a day later %s of the instance %j belongs to it: %s', (state, instance, expected) => {
    expect(belongs(over, firedAfter(86_400_000, { state, instance }))).toBe(expected);
    expect(belongs(over, firedAfter(FIFTEEN_MIN_S * 1_000, { state, instance }))).toBe(true);
  });

  test('everything belongs to an incident that is open', () => {
    expect(belongs(incidentOf(alertOf()), firedAfter(86_400_000))).toBe(true);
  });
});

const episodeAlert = fc
  .record({
    state: fc.constantFrom<Alert['state'][]>('fired', 'fired', 'resolved', 'no-data'),
    rule: fc.constantFrom('a', 'b', 'c'),
    instance: fc.constantFrom('1', '2'),
    seconds: fc.nat({ max: FIFTEEN_MIN_S }),
    severity: fc.constantFrom<NonNullable<AlertSketch['severity']>[]>(0, 1, 2, 3, 4),
    value: fc.nat({ max: 3 }),
  })
  .map(({ value, rule, instance, ...sketch }) =>
    alertOf({ ...sketch, rule, instance: `${rule}${instance}`, signals: [{ ...REFUSALS, value }] }),
  );

describe('any order of arrival within one episode', () => {
  // Arrival itself is told only by these: what was received when (`ledger`), and the list of alerts with their outcomes.
  const withoutArrival = (record: IncidentRecord): Partial<IncidentRecord> => {
    const { ledger: _ledger, accepted: _accepted, ...rest } = record;
    return rest;
  };

  test('gives the same incident, with the same alerts in it', () => {
    const arrivals = fc
      .uniqueArray(episodeAlert, { selector: ({ id }) => id, minLength: 1, maxLength: 12 })
      .chain((alerts) =>
        fc.record({
          alerts: fc.constant(alerts),
          shuffled: fc.shuffledSubarray([...alerts, ...alerts], { minLength: alerts.length * 2 }),
        }),
      );
    fc.assert(
      fc.property(arrivals, ({ alerts, shuffled }) => {
        const first = alerts[0] ?? alertOf();
        const opened = openIncident('abcdefgh', first, { verified: true });
        const inOrder = alerts.reduce(acceptAlert, opened);
        const otherwise = shuffled.reduce(
          acceptAlert,
          openIncident('abcdefgh', shuffled[0] ?? first, { verified: true }),
        );
        expect(withoutArrival(otherwise)).toEqual(withoutArrival(inOrder));
        expect(new Set(otherwise.accepted.map(({ id }) => id))).toEqual(new Set(alerts.map(({ id }) => id)));
        expect(otherwise.accepted).toHaveLength(alerts.length);
      }),
      { numRuns: 1_000 },
    );
  });
});
