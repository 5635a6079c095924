import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { requestTimelineChart } from '../../../shared/charts/request-timeline.ts';
import { limitFor } from '../../../shared/limits.ts';
import type { Caller, Chart, Evidence } from '../../../shared/model.ts';
import { FROM, published, TO, VAULT } from '../evidence/kit.ts';
import { loadRow } from '../fixes/what-if/kit.ts';

const LIMIT = limitFor(published(), VAULT, 'secret');
const FROM_SECOND = Date.parse(FROM) / 1000;

const CALLER = {
  caller: 'a',
  kind: 'application' as const,
  appId: null,
  objectId: null,
  name: null,
  client: null,
  requests: 1,
  served: 1,
  forbidden: 0,
  notFound: 0,
  refused: 0,
  failed: 0,
  addresses: 1,
  targets: 1,
  perTargetAndAddress: 1,
  peak10s: 1,
  firstMs: 0,
  lastMs: 0,
};

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

  test('shows beside it what the four busiest callers asked in the same windows, where that was counted', () => {
    const timed = evidence({ served: seconds(120, { 60: 70, 65: 30 }) });
    const load = ['a', 'b', 'c', 'd', 'e'].map((caller, index) => {
      const first = seconds(60, { 0: 10 * (index + 1) });
      return loadRow({ caller, class: 'secret', fromSecond: FROM_SECOND + 60, first, retry: seconds(60, { 5: 1 }) });
    });
    const known = ['a', 'b', 'c', 'd', 'e'].map((caller) => ({
      ...CALLER,
      caller,
      ...(caller === 'd' && { kind: 'user' as const, name: 'dana@contoso.com' }),
    }));
    const read = { store: 'files', window: 'incident', readAt: TO, state: 'read', truncated: false } as const;
    const readings: Evidence['readings'] = [
      ...timed.readings,
      { ...read, kind: 'load', rows: load, completeness: null },
      { ...read, kind: 'callers', rows: known, completeness: null },
    ];
    const options = {
      operationClass: 'secret',
      limit: LIMIT,
      markers: [],
      nameCaller: (caller: Caller) => ({ ...caller, displayName: `app ${caller.id}` }),
    };
    const chart = requestTimelineChart({ ...timed, readings }, options);
    const callers = chart?.series.filter(({ role }) => role === 'caller') ?? [];
    expect(callers.map(({ name }) => name)).toEqual(['app e', 'a user', 'app c', 'app b']);
    expect(callers[0]?.values.slice(4, 8)).toEqual([null, null, 51, 1]);
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
