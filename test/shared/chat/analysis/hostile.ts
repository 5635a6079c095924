import fc from 'fast-check';
import type { Impact, ResourceAnalysis } from '../../../../shared/model.ts';
import { hostileIncident, text } from '../hostile.ts';

const NOBODY: Impact = {
  callersRefused: 0,
  requestsFailed: 0,
  minutesOver: 0,
  pattern: 'intermittent',
  dependents: [],
  errorBudgetBurn: null,
};

const count = fc.nat(1_000_000);
const ceiling = fc.record({
  class: text,
  windowSeconds: fc.constantFrom(10, 60),
  published: count,
  observed: fc.option(fc.record({ median: count, p10: count, p90: count })),
});
const peak = fc.record({
  class: text,
  windowSeconds: fc.constant(10),
  requests: count,
  utilisation: fc.double({ min: 0, max: 1e6, noNaN: true }),
  at: fc.constant('2026-01-05T10:00:00.000Z'),
});

/** An analysis whose every text is as an attacker, a foreign keyboard or a runaway log would write it. */
export const hostileAnalysis: fc.Arbitrary<ResourceAnalysis> = fc
  .record({
    incident: hostileIncident,
    className: text,
    totals: fc.record({ requests: count, throttled: count }),
    peak: fc.option(peak),
    ceilings: fc.array(ceiling, { maxLength: 5 }),
    counts: fc.record({ requests: count, throttled: count, share: fc.double({ min: 0, max: 1, noNaN: true }) }),
  })
  .map(({ incident, className, totals, peak: busiest, ceilings, counts }) => {
    const callers = incident.findings.flatMap(({ caller, victims }) => [...(caller ? [caller] : []), ...victims]);
    return {
      told: {
        resource: incident.resource,
        window: { from: '2026-01-05T10:00:00.000Z', to: '2026-01-06T10:20:00.000Z' },
        totals,
        peak: busiest,
        ceilings,
        callers: callers.map((caller) => ({ ...caller, ...counts })),
        impact: incident.impact ?? NOBODY,
        findings: incident.findings,
      },
      charts: incident.chart === undefined ? [] : new Array(3).fill({ class: className, chart: incident.chart }),
      notes: incident.notes,
    };
  });

export const hostileIntake = fc.record({
  skipped: fc.record({
    lines: fc.nat(100),
    files: fc.array(fc.record({ path: text, error: text }), { maxLength: 6 }),
  }),
  foreign: fc.array(fc.record({ name: text, records: count }), { maxLength: 5 }),
  left: fc.record({ resources: fc.nat(30), throttled: fc.nat(30) }),
});
