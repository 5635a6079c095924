import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { requestTimelineChart } from '../../../shared/charts/request-timeline.ts';
import { limitFor } from '../../../shared/limits.ts';
import type { Chart, Evidence } from '../../../shared/model.ts';
import { FROM, published, TO, VAULT } from '../evidence/kit.ts';

const LIMIT = limitFor(published(), VAULT, 'secret');
const FROM_SECOND = Date.parse(FROM) / 1000;

function evidence(series: Readonly<Record<string, readonly number[]>>): Evidence {
  const rows = Object.entries(series).map(([outcome, perSecond]) => ({
    class: 'secret',
    outcome,
    fromSecond: FROM_SECOND,
    perSecond: [...perSecond],
  }));
  const read = { state: 'read', rows, truncated: false, completeness: null } as const;
  return {
    resource: VAULT,
    from: FROM,
    to: TO,
    readings: [{ kind: 'timeline', store: 'files', window: 'incident', readAt: TO, ...read }],
  };
}

function draw(series: Readonly<Record<string, readonly number[]>>, markers: Chart['markers'] = []): Chart {
  const chart = requestTimelineChart(evidence(series), { operationClass: 'secret', limit: LIMIT, markers });
  if (chart === undefined) throw new Error('no chart');
  return chart;
}

function seconds(length: number, at: Readonly<Record<number, number>>): number[] {
  return Array.from({ length }, (_, second) => at[second] ?? 0);
}

function valuesOf(chart: Chart, role: string): (number | null)[] {
  return chart.series.find((series) => series.role === role)?.values ?? [];
}

describe('the request timeline', () => {
  test('holds the busiest ten seconds that end in each step, so that no burst is cut in two', () => {
    const chart = draw({ served: seconds(120, { 9: 300, 10: 400 }) });
    expect(chart.stepSeconds).toBe(10);
    expect(valuesOf(chart, 'served').slice(0, 4)).toEqual([300, 700, 0, 0]);
  });

  test('stands against the limit, in its unit', () => {
    const chart = draw({ served: seconds(60, {}) });
    expect(chart).toMatchObject({ unit: 'requests per 10 s', limit: { label: 'limit', value: 4000 } });
    expect(
      requestTimelineChart(evidence({ served: [1] }), { operationClass: 'secret', limit: null, markers: [] }),
    ).not.toHaveProperty('limit');
  });

  test('shows refusals with three minutes around them, from a whole minute on', () => {
    const chart = draw({ served: seconds(3600, {}), refused: seconds(3600, { 1810: 50, 1830: 60 }) });
    expect(chart.from).toBe('2026-01-05T10:27:00.000Z');
    expect(chart.to).toBe('2026-01-05T10:33:40.000Z');
    expect(Math.max(...valuesOf(chart, 'refused').map(Number))).toBe(60);
  });

  test('counts what was answered otherwise as served by the service, not as refused', () => {
    const chart = draw({
      served: seconds(30, { 1: 2 }),
      'not-found': seconds(30, { 1: 3 }),
      refused: seconds(30, { 1: 4 }),
    });
    expect([valuesOf(chart, 'served')[0], valuesOf(chart, 'refused')[0]]).toEqual([5, 4]);
  });

  test('keeps the markers that lie inside it', () => {
    const at = (second: number) => new Date(Date.parse(FROM) + second * 1000).toISOString();
    const markers = [0, 59, 60, -1].map((second) => ({ at: at(second), label: `${second}` }));
    expect(draw({ served: seconds(60, {}) }, markers).markers.map(({ label }) => label)).toEqual(['0', '59']);
  });

  test('is left out where nothing was read or asked', () => {
    const options = { operationClass: 'key', limit: LIMIT, markers: [] };
    expect(requestTimelineChart(evidence({ served: [1] }), options)).toBeUndefined();
    expect(requestTimelineChart({ ...evidence({}), readings: [] }, options)).toBeUndefined();
  });

  test('never has more than 120 points, and always shows the peak, whatever its length', () => {
    const length = fc.integer({ min: 1, max: 30_000 });
    void fc.assert(
      fc.property(
        length,
        fc.nat(),
        fc.integer({ min: 1, max: 9_000 }),
        fc.boolean(),
        (size, place, burst, isRefused) => {
          const at = seconds(size, { [place % size]: burst });
          const chart = draw(isRefused ? { served: seconds(size, {}), refused: at } : { served: at });
          for (const { values } of chart.series) expect(values.length).toBeLessThanOrEqual(120);
          const drawn = Math.max(...valuesOf(chart, isRefused ? 'refused' : 'served').map(Number));
          expect(drawn).toBe(burst);
          expect(valuesOf(chart, 'served').length).toBe(valuesOf(chart, 'refused').length);
          const spanSeconds = (Date.parse(chart.to) - Date.parse(chart.from)) / 1000;
          expect(spanSeconds).toBe(valuesOf(chart, 'served').length * chart.stepSeconds);
        },
      ),
      { numRuns: 60 },
    );
  });
});
