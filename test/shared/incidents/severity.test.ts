import { describe, expect, test } from 'vitest';
import { firstSeverity, measuredSeverity } from '../../../shared/incidents/severity.ts';
import type { Chart, Severity, SignalState } from '../../../shared/model.ts';
import { alertOf, at, incidentOf } from './alerts.ts';

function signals(...states: [Severity, SignalState['state']][]): SignalState[] {
  const [signal] = incidentOf(alertOf()).signals;
  return signal ? states.map(([severity, state]) => ({ ...signal, severity, state })) : [];
}

function chartOf(series: { refused?: (number | null)[]; served?: (number | null)[] }, stepSeconds = 60): Chart {
  return {
    title: 't',
    unit: 'requests',
    from: at(0),
    to: at(600),
    stepSeconds,
    series: [
      { name: 'refused', role: 'refused', values: series.refused ?? [] },
      { name: 'served', role: 'served', values: series.served ?? [] },
      // The total says the same again, and a caller's part of it too: neither is counted twice.
      { name: 'all', role: 'total', values: [9_999] },
      { name: 'one caller', role: 'caller', values: [9_999] },
    ],
    markers: [],
  };
}

describe('severity before anything was read', () => {
  test.each<[string, string, [Severity, SignalState['state']][], Severity]>([
    ['of throttling is 3', 'throttle', [[0, 'fired']], 3],
    ['of another family is its rule’s', 'availability', [[2, 'fired']], 2],
    [
      'is that of the most severe',
      'availability',
      [
        [3, 'fired'],
        [1, 'fired'],
      ],
      1,
    ],
    [
      'does not count what is resolved while another fires',
      'availability',
      [
        [0, 'resolved'],
        [3, 'fired'],
      ],
      3,
    ],
    [
      'counts what has no data',
      'availability',
      [
        [1, 'no-data'],
        [3, 'fired'],
      ],
      1,
    ],
    [
      'counts what is resolved when all is',
      'availability',
      [
        [2, 'resolved'],
        [3, 'resolved'],
      ],
      2,
    ],
    ['of nothing is the lowest', 'availability', [], 4],
  ])('%s', (_what, family, states, severity) => {
    expect(firstSeverity(family, signals(...states))).toBe(severity);
  });
});

describe('severity of what was read', () => {
  test.each<[string, (number | null)[], Severity]>([
    ['nothing refused', [0, 0, 0, 0, 0], 3],
    ['no reading at all', [], 3],
    ['one minute', [5, 0, 0, 0, 0], 3],
    ['two of five', [5, 5, 0, 0, 0], 3],
    ['three in a row', [0, 1, 1, 1, 0], 1],
    ['three of five', [1, 0, 1, 0, 1], 1],
    ['three of six', [1, 0, 0, 1, 0, 1], 3],
    ['gaps are no refusals', [1, null, null, null, 1], 3],
    ['the last five', [0, 0, 0, 0, 0, 0, 1, 1, 1], 1],
  ])('%s in minutes: %j', (_what, refused, severity) => {
    expect(measuredSeverity(chartOf({ refused }), undefined)).toBe(severity);
  });

  test('bins shorter than a minute are summed up by minute', () => {
    const spread = Array.from({ length: 18 }, (_, i) => (i % 6 === 0 ? 1 : 0));
    expect(measuredSeverity(chartOf({ refused: spread }, 10), undefined)).toBe(1);
    const bunched = Array.from({ length: 18 }, (_, i) => (i < 6 ? 1 : 0));
    expect(measuredSeverity(chartOf({ refused: bunched }, 10), undefined)).toBe(3);
  });

  test.each([
    [0.1, 9, 3],
    [0.1, 10, 3],
    [0.1, 11, 1],
    [undefined, 90, 3],
  ] as const)('above a share of %s with %i of 100 refused it is %i', (share, refused, severity) => {
    expect(measuredSeverity(chartOf({ refused: [refused], served: [100 - refused] }), share)).toBe(severity);
  });
});
