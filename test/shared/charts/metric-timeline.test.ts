import { describe, expect, test } from 'vitest';
import { metricTimelineChart } from '../../../shared/charts/metric-timeline.ts';
import type { Signal } from '../../../shared/model.ts';
import { METRIC_FROM, metricEvidence, readingOf, seriesOf, statusSeries } from '../evidence/metric-readings.ts';

const NONE = { markers: [], signals: [] };

test('what a vault answered is drawn by the minute, refused apart from all else, without the line of a ten-second limit', () => {
  const rows = statusSeries({ '200': [40, 50, null], '401': [2, 1, 0], '429': [0, 9, 30] });
  expect(metricTimelineChart(metricEvidence(readingOf('results', rows)), NONE)).toEqual({
    title: 'Requests by the minute, as Azure counts them',
    unit: 'requests per minute',
    from: METRIC_FROM,
    to: '2026-11-20T14:03:00.000Z',
    stepSeconds: 60,
    series: [
      { name: 'served', role: 'served', values: [42, 51, 0] },
      { name: 'refused', role: 'refused', values: [0, 9, 30] },
    ],
    markers: [],
  });
});

test('of two hours and more the last 120 minutes are drawn, with the markers that fall into them', () => {
  const rows = statusSeries({ '429': Array.from({ length: 130 }, (_, minute) => minute) });
  const markers = [
    { at: '2026-11-20T14:09:59.000Z', label: 'before' },
    { at: '2026-11-20T14:10:00.000Z', label: 'in' },
    { at: '2026-11-20T16:10:00.000Z', label: 'after' },
  ];
  const chart = metricTimelineChart(metricEvidence(readingOf('results', rows)), { ...NONE, markers });
  expect(chart).toMatchObject({ from: '2026-11-20T14:10:00.000Z', to: '2026-11-20T16:10:00.000Z' });
  expect(chart?.series[1]?.values).toHaveLength(120);
  expect(chart?.series[1]?.values[0]).toBe(10);
  expect(chart?.markers.map(({ label }) => label)).toEqual(['in']);
});

describe('the metric of an alert about something else', () => {
  const rows = [seriesOf('Throttles', null, [1, null, 7]), seriesOf('Invocations', null, [90, 80, 70])];
  const evidence = metricEvidence(readingOf('metric-series', rows));
  const rule: Signal = { metric: 'Throttles', threshold: 5, windowSeconds: 60, dimensions: {} };

  test('is drawn against its threshold, with gaps where nothing is known', () => {
    expect(metricTimelineChart(evidence, { ...NONE, signals: [rule] })).toMatchObject({
      title: 'Throttles by the minute',
      series: [{ name: 'Throttles', role: 'total', values: [1, null, 7] }],
      limit: { label: 'threshold', value: 5 },
    });
  });

  test.each<[string, Partial<Signal>]>([
    ['of another window', { windowSeconds: 300 }],
    ['of another metric', { metric: 'Errors' }],
  ])('is drawn without a threshold %s', (_what, given) => {
    expect(metricTimelineChart(evidence, { ...NONE, signals: [{ ...rule, ...given }] })?.limit).toBeUndefined();
  });
});

test.each([
  ['nothing was read', metricEvidence()],
  ['no minute is known', metricEvidence(readingOf('results', []), readingOf('metric-series', []))],
])('there is no chart where %s', (_what, evidence) => {
  expect(metricTimelineChart(evidence, NONE)).toBeUndefined();
});
