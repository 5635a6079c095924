import type { Layer } from './layers.ts';
import type { Palette } from './palette.ts';
import { axisNumber } from './scale.ts';
import { ticksOf } from './svg-place.ts';

/** Where a plot stands in the picture, and what its height stands for. */
export type Panel = { left: number; right: number; top: number; bottom: number; full: number };

/** Height of a value, clipped to the panel. */
export function heightOf(value: number, { top, bottom, full }: Panel): number {
  return bottom - Math.min(1, Math.max(0, value / full)) * (bottom - top);
}

/** Grid lines and their numbers at round values up to `highest`. */
export function drawGrid(panel: Panel, highest: number, ticksMax: number, { grid, faint }: Palette): string[] {
  return [0, ...ticksOf(highest, ticksMax)].flatMap((value) => {
    const y = heightOf(value, panel);
    const label = `<text x="${panel.left - 8}" y="${at(y + 4)}" text-anchor="end" fill="${faint}">${axisNumber(value)}</text>`;
    return value === 0 ? [label] : [`<path d="M${panel.left} ${at(y)}H${panel.right}" stroke="${grid}"/>`, label];
  });
}

/** Each layer is one path of columns on those below it; a hatched one once more, with the hatch. */
export function drawLayers(panel: Panel, layers: readonly Layer[]): string[] {
  const reached: number[] = [];
  return layers.flatMap(({ colour, hatched, values }) => {
    const columns = values.map((value, index) => {
      const low = reached[index] ?? 0;
      reached[index] = low + value;
      return drawColumn(panel, { index, of: values.length, low, high: low + value });
    });
    const path = `<path d="${columns.join('')}" shape-rendering="crispEdges"`;
    return [`${path} fill="${colour}"/>`, ...(hatched === true ? [`${path} fill="url(#hatch)"/>`] : [])];
  });
}

/** Where nothing was measured, the whole height. */
export function drawGaps(panel: Panel, totals: readonly (number | null)[], { grid }: Palette): string[] {
  const gaps = totals.map((total, index) =>
    total === null ? drawColumn(panel, { index, of: totals.length, low: 0, high: panel.full }) : '',
  );
  return totals.includes(null) ? [`<path d="${gaps.join('')}" shape-rendering="crispEdges" fill="${grid}"/>`] : [];
}

function drawColumn(panel: Panel, column: { index: number; of: number; low: number; high: number }): string {
  if (!(column.high > column.low)) return '';
  const x = (index: number): string => at(panel.left + (index * (panel.right - panel.left)) / column.of);
  const [low, high] = [at(heightOf(column.low, panel)), at(heightOf(column.high, panel))];
  return `M${x(column.index)} ${low}H${x(column.index + 1)}V${high}H${x(column.index)}z`;
}

/** A coordinate with one decimal, which is finer than any screen. */
export function at(value: number): string {
  return String(Math.round(value * 10) / 10);
}
