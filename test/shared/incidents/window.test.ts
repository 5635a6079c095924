import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evidenceWindow } from '../../../shared/incidents/window.ts';
import { alertOf, at, incidentOf, REFUSALS } from './alerts.ts';

const MINUTE = 60;
const REFUSALS_5_MIN = { ...REFUSALS, windowSeconds: 300 };

describe('the window for which evidence is asked', () => {
  test('begins ten minutes before the rule’s own window and ends with the minute that is', () => {
    const incident = incidentOf(alertOf({ seconds: 30, signals: [REFUSALS_5_MIN] }));
    expect(evidenceWindow(incident, at(95))).toEqual({ from: at(-15 * MINUTE), to: at(2 * MINUTE) });
  });

  test('has no rule’s window where none is told', () => {
    const { windowSeconds: _none, ...untold } = REFUSALS;
    const incident = incidentOf(alertOf({ signals: [untold] }));
    expect(evidenceWindow(incident, at(0)).from).toBe(at(-10 * MINUTE));
  });

  test('takes the longest of the rules’ windows', () => {
    const hour = { ...REFUSALS, windowSeconds: 3_600 };
    const incident = incidentOf(alertOf({ signals: [REFUSALS_5_MIN] }), alertOf({ rule: 'b', signals: [hour] }));
    expect(evidenceWindow(incident, at(0)).from).toBe(at(-70 * MINUTE));
  });

  test('a day’s window is cut, so that the incident itself is still in it', () => {
    const day = { ...REFUSALS, windowSeconds: 86_400 };
    expect(evidenceWindow(incidentOf(alertOf({ signals: [day] })), at(0))).toEqual({
      from: at(-70 * MINUTE),
      to: at(MINUTE),
    });
  });

  test('ends with the minute of the Resolved, however late it is asked', () => {
    const incident = incidentOf(alertOf(), alertOf({ state: 'resolved', seconds: 20 * MINUTE + 1 }));
    expect(evidenceWindow(incident, at(90 * MINUTE)).to).toBe(at(21 * MINUTE));
  });

  test('ends half an hour after the last event while it is open', () => {
    expect(evidenceWindow(incidentOf(alertOf()), at(80 * MINUTE)).to).toBe(at(31 * MINUTE));
  });

  test('is at most two hours long', () => {
    const incident = incidentOf(alertOf(), alertOf({ rule: 'b', seconds: 300 * MINUTE }));
    const { from, to } = evidenceWindow(incident, at(300 * MINUTE));
    expect(Date.parse(to) - Date.parse(from)).toBe(2 * 3_600_000);
  });

  test('an alert from the future still has a window of a minute', () => {
    const incident = incidentOf(alertOf({ seconds: 60 * MINUTE, signals: [{ metric: 'm', dimensions: {} }] }));
    expect(evidenceWindow(incident, at(0))).toEqual({ from: at(50 * MINUTE), to: at(51 * MINUTE) });
  });

  test('is whole minutes, at least one and at most 120 of them, at any time', () => {
    const times = fc.record({
      fired: fc.nat({ max: 20_000 }),
      now: fc.nat({ max: 20_000 }),
      window: fc.nat({ max: 90_000 }),
    });
    fc.assert(
      fc.property(times, ({ fired, now, window }) => {
        const incident = incidentOf(alertOf({ seconds: fired, signals: [{ ...REFUSALS, windowSeconds: window }] }));
        const { from, to } = evidenceWindow(incident, at(now));
        const minutes = (Date.parse(to) - Date.parse(from)) / 60_000;
        expect([Number.isInteger(minutes), minutes >= 1, minutes <= 120, from <= incident.openedAt]).toEqual([
          true,
          true,
          true,
          true,
        ]);
        expect(Date.parse(from) % 60_000).toBe(0);
      }),
    );
  });
});
