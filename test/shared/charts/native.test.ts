import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chartLength, stepOf } from '../../../shared/charts/downsample.ts';
import { markerLine, nativeChart } from '../../../shared/charts/native.ts';
import { chart as hostileChart } from '../chat/hostile.ts';
import { burstChart } from '../chat/incidents.ts';

describe("a platform's own chart", () => {
  test('shows all requests, the refused among them and the limit, with the peak', () => {
    const native = nativeChart(burstChart(), 20, 3);
    expect(native?.lines.map(({ name }) => name)).toEqual(['requests', 'refused', 'published limit']);
    expect(Math.max(...(native?.lines[0]?.values ?? []))).toBe(6071);
    expect(native?.lines[2]?.values.every((value) => value === 4000)).toBe(true);
  });

  test('marks the point that something falls on, and names it below, where nothing is cut', () => {
    const labels = nativeChart(burstChart(), 20, 3)?.labels ?? [];
    expect(labels.filter((label) => label.includes(' '))).toEqual(['14:03:00 ▲']);
    expect(markerLine(burstChart())).toBe('▲ 14:03:20 burst begins (UTC)');
  });

  test('names markers in the order of time, those beyond its edges and more than six left out', () => {
    const { from, to } = burstChart();
    const minutes = ['09', '02', '03', '04', '05', '06', '07', '08'];
    const inside = minutes.map((minute) => ({ at: `2026-11-20T14:${minute}:00.000Z`, label: minute }));
    const markers = [{ at: '2026-11-20T13:59:59.000Z', label: 'before' }, { at: to, label: 'after' }, ...inside];
    expect(markerLine({ ...burstChart(), markers })?.match(/(?<=:00 )\w+/g)).toEqual(minutes.toSorted().slice(0, 6));
    expect(markerLine({ ...burstChart(), markers: [{ at: from, label: 'first' }] })).toBe('▲ 14:00:00 first (UTC)');
    expect(markerLine({ ...burstChart(), markers: [] })).toBeUndefined();
  });

  test('gives the busiest callers lines of their own, as many as the platform tells apart', () => {
    const callers = ['a', 'b', 'c', 'd'].map((name, index) => ({
      name,
      role: 'caller' as const,
      values: Array.from({ length: 60 }, (_, step) => (step === 0 ? null : 1000 * (4 - index))),
    }));
    const chart = { ...burstChart(), series: [...burstChart().series, ...callers] };
    const lines = nativeChart(chart, 60, 3)?.lines.filter(({ role }) => role === 'caller') ?? [];
    expect(lines.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    expect(lines[1]?.values.slice(0, 3)).toEqual([0, 3000, 3000]);
  });

  test.each([
    [303, []],
    [304, ['orders']],
  ])('draws a caller of at most %i of a peak of 6,071 as %o', (most, drawn) => {
    const values = Array.from({ length: 60 }, () => most);
    const chart = {
      ...burstChart(),
      series: [...burstChart().series, { name: 'orders', role: 'caller' as const, values }],
    };
    const lines = nativeChart(chart, 60, 3)?.lines.filter(({ role }) => role === 'caller') ?? [];
    expect(lines.map(({ name }) => name)).toEqual(drawn);
  });

  test('keeps the peak and the order of time, whatever the chart holds', () => {
    fc.assert(
      fc.property(hostileChart, fc.integer({ min: 1, max: 60 }), (chart, points) => {
        const native = nativeChart(chart, points, 3);
        const totals = Array.from({ length: chartLength(chart) }, (_, index) => stepOf(chart, index).total ?? -1);
        const peak = Math.min(Math.max(-1, ...totals), Number.MAX_VALUE);
        expect(Math.max(-1, ...(native?.lines[0]?.values ?? []))).toBe(peak);
        for (const { values } of native?.lines ?? []) {
          expect(values.length).toBe(native?.labels.length);
          expect(values.length).toBeLessThanOrEqual(points);
          expect(values.every(Number.isFinite)).toBe(true);
        }
      }),
    );
  });

  test('has its points in the order of time', () => {
    const values = Array.from({ length: 120 }, (_, index) => index);
    const chart = { ...burstChart(), markers: [], series: [{ name: 'a', role: 'total' as const, values }] };
    for (const points of [1, 7, 20, 119, 120, 500]) {
      const native = nativeChart(chart, points, 3);
      expect(native?.lines[0]?.values).toEqual(native?.lines[0]?.values.toSorted((a, b) => a - b));
      expect(native?.labels).toEqual(native?.labels.toSorted());
    }
  });
});
