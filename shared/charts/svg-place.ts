import type { Chart } from '../model.ts';
import { chartLength } from './downsample.ts';
import { shownLine, textWidth } from './svg-text.ts';

const LANES_MAX = 4;
const MARKERS_MAX = 8;
const LABEL_MAX = 32;
const GAP = 6;

/** A moment that is marked above the plot; `label` is empty where there was no room for one more. */
export type PlacedMark = { x: number; label: string; lane: number; anchor: 'start' | 'end' };

/**
 * Where the chart's markers stand between `left` and `right`, labels in as few lanes as keep them apart: an earlier one
 * above a later one, so that no line goes through a label. Markers outside the chart's time, or without a readable one, are
 * left out.
 */
export function placeMarks(chart: Chart, left: number, right: number, fontSize: number): PlacedMark[] {
  const from = Date.parse(chart.from);
  const spanMs = chartLength(chart) * chart.stepSeconds * 1000;
  const begins: number[] = [];
  return chart.markers
    .map(({ at, label }) => ({ share: (Date.parse(at) - from) / spanMs, label: shownLine(label, LABEL_MAX) }))
    .filter(({ share }) => share >= 0 && share <= 1)
    .sort((a, b) => b.share - a.share)
    .slice(0, MARKERS_MAX)
    .map(({ share, label }) => {
      const x = left + share * (right - left);
      const width = textWidth(label, fontSize) + 2 * GAP;
      const anchor = x + width > right ? 'end' : 'start';
      const begin = anchor === 'end' ? x - width : x;
      const lane = Array.from({ length: LANES_MAX }, (_, index) => index).find(
        (each) => begin + width <= (begins[each] ?? Number.POSITIVE_INFINITY),
      );
      if (lane === undefined) return { x, label: '', lane: 0, anchor };
      for (let below = 0; below <= lane; below += 1)
        begins[below] = Math.min(begins[below] ?? Number.POSITIVE_INFINITY, begin);
      return { x, label, lane, anchor };
    });
}

export type LegendEntry = { name: string; colour: string; kind: 'area' | 'hatched' | 'line' | 'none' };
export type PlacedEntry = LegendEntry & { x: number; row: number };

const SWATCH = 18;
const NAME_MAX = 40;

/** The legend in rows from `left` to `right`. */
export function placeLegend(
  entries: readonly LegendEntry[],
  left: number,
  right: number,
  fontSize: number,
): PlacedEntry[] {
  let x = left;
  let row = 0;
  return entries.map((entry) => {
    const name = shownLine(entry.name, NAME_MAX);
    const width = (entry.kind === 'none' ? 0 : SWATCH) + textWidth(name, fontSize) + 2 * GAP;
    if (x > left && x + width > right) {
      x = left;
      row += 1;
    }
    const placed = { ...entry, name, x, row };
    x += width;
    return placed;
  });
}

/** Round numbers above 0 up to `top`, at most `max` of them; none where nothing is above 0. */
export function ticksOf(top: number, max: number): number[] {
  if (!(top > 0) || !Number.isFinite(top)) return [];
  const magnitude = 10 ** Math.floor(Math.log10(top));
  const step = [0.2, 0.5, 1, 2, 5].map((each) => each * magnitude).find((each) => top / each < max + 1);
  if (step === undefined || !(step > 0)) return [];
  return Array.from({ length: Math.floor(top / step + 1e-9) }, (_, index) => (index + 1) * step);
}
