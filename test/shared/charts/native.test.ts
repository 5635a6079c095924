import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chartLength, stepOf } from '../../../shared/charts/downsample.ts';
import { nativeChart } from '../../../shared/charts/native.ts';
import { chart as hostileChart } from '../chat/hostile.ts';
import { burstChart } from '../chat/incidents.ts';

describe("a platform's own chart", () => {
  test('shows all requests, the refused among them and the limit, with the peak', () => {
    const native = nativeChart(burstChart(), 20);
    expect(native?.lines.map(({ name }) => name)).toEqual(['requests', 'refused', 'published limit']);
    expect(Math.max(...(native?.lines[0]?.values ?? []))).toBe(6071);
    expect(native?.lines[2]?.values.every((value) => value === 4000)).toBe(true);
  });

  test('names a marker beside the time of the point that it falls on', () => {
    const labels = nativeChart(burstChart(), 20)?.labels ?? [];
    expect(labels.filter((label) => label.includes(' '))).toEqual(['14:03:00 burst begins']);
  });

  test('keeps the peak and the order of time, whatever the chart holds', () => {
    fc.assert(
      fc.property(hostileChart, fc.integer({ min: 1, max: 60 }), (chart, points) => {
        const native = nativeChart(chart, points);
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
      const native = nativeChart(chart, points);
      expect(native?.lines[0]?.values).toEqual(native?.lines[0]?.values.toSorted((a, b) => a - b));
      expect(native?.labels).toEqual(native?.labels.toSorted());
    }
  });
});
