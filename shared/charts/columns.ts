import type { Chart } from '../model.ts';
import { type Column, chartLength, foldChart, stepLabel, totalName } from './downsample.ts';
import { axisNumber, type Scale, scaleOf } from './scale.ts';

const SERVED = '▒';
const REFUSED = '█';
const LIMIT = '╌';
const MARKER = '▲';
const MARKER_WORDS_MAX = 24;

export type TextChart = {
  /** Plot, axis and time labels: characters of one column each, every line at most `columns` wide. */
  plot: string[];
  /** What the marks and the limit line mean, without outside text. */
  legend: string;
  peak: number;
};

/**
 * Draws a chart as columns of text: served below, refused on top, the limit as a dashed line where it is in view.
 *
 * `columns` (at least 20) is the whole width with the axis, `rows` (at least 2) the height of the plot,
 * one of which markers take where there are any. The chart is
 * folded to the width by peaks. Null when the chart holds no measured value.
 */
export function drawColumns(chart: Chart, options: { columns: number; rows: number }): TextChart | null {
  const width = Math.max(20, Math.floor(options.columns));
  const scale = scaleOf(chart);
  const { limit, limitInView, top } = scale;
  const gutter = Math.max(axisNumber(top).length, 1) + 1;
  const steps = foldChart(chart, width - gutter - 1);
  if (!steps.some((step) => step.total !== null)) return null;
  const stretch = Math.max(1, Math.min(4, Math.floor((width - gutter - 1) / steps.length)));
  const marks = markerLine(chart, gutter + 1, { steps: steps.length, stretch });
  const rows = Math.max(2, Math.floor(options.rows) - (marks === null ? 0 : 1));
  const limitRow =
    limit !== null && limitInView ? Math.min(rows - 1, Math.max(0, Math.ceil((limit / top) * rows) - 1)) : -1;
  const plot: string[] = [];
  for (let row = rows - 1; row >= 0; row--) {
    const label = row === rows - 1 ? axisNumber(top) : '';
    const cells = steps.map((step) => cell(step, row, rows, top, row === limitRow).repeat(stretch)).join('');
    plot.push(`${label.padStart(gutter - 1)} ┤${cells}`.trimEnd());
  }
  plot.push(`${'0'.padStart(gutter - 1)} └${'─'.repeat(steps.length * stretch)}`);
  if (marks !== null) plot.push(marks);
  plot.push(timeLine(chart, gutter + 1, steps.length * stretch));
  return { plot, legend: legendOf(chart, scale), peak: scale.peak };
}

/** A measured value above zero is always seen: it fills at least the lowest row. */
function filledRows(value: number, top: number, rows: number): number {
  if (value <= 0 || top <= 0) return 0;
  return Math.min(rows, Math.max(1, Math.round((value / top) * rows)));
}

function cell(step: Column, row: number, rows: number, top: number, onLimit: boolean): string {
  if (step.total === null) return onLimit ? LIMIT : ' ';
  const height = filledRows(step.total, top, rows);
  if (row >= height) return onLimit ? LIMIT : ' ';
  const servedHeight = Math.min(
    filledRows(step.total - step.refused, top, rows),
    step.refused > 0 ? height - 1 : height,
  );
  return row >= servedHeight ? REFUSED : SERVED;
}

/**
 * A triangle below the column that a marker falls on, with its words where they fit: right of it, else left, else none.
 * Null where no marker falls on the chart. Words are letters and figures alone, since a plot is shown as it is.
 */
function markerLine(
  chart: Chart,
  indent: number,
  { steps, stretch }: { steps: number; stretch: number },
): string | null {
  const from = Date.parse(chart.from);
  const length = chartLength(chart);
  const cells = new Array<string>(steps * stretch).fill(' ');
  const places = chart.markers
    .map(({ at, label }) => ({ label, step: (Date.parse(at) - from) / (chart.stepSeconds * 1000) }))
    .filter(({ step }) => step >= 0 && step < length)
    .map(({ label, step }) => ({ label: markerWords(label), cell: Math.floor((step * steps) / length) * stretch }))
    .sort((a, b) => a.cell - b.cell);
  if (places.length === 0) return null;
  for (const { cell } of places) cells[cell] = MARKER;
  for (const { label, cell } of places) {
    const free = [cell + 2, cell - label.length - 1].find((start) => isFree(cells, start - 1, label.length + 2));
    if (free !== undefined) for (const [index, letter] of [...label].entries()) cells[free + index] = letter;
  }
  return `${' '.repeat(indent)}${cells.join('')}`.trimEnd();
}

/** Also without a neighbour that it would run into; the triangle that it belongs to is no neighbour. */
function isFree(cells: readonly string[], start: number, length: number): boolean {
  if (start + 1 < 0 || start + length - 1 > cells.length) return false;
  return cells.slice(Math.max(0, start + 1), start + length).every((cell) => cell === ' ');
}

function markerWords(label: string): string {
  return label
    .replace(/[^A-Za-z0-9 .-]/g, '')
    .trim()
    .slice(0, MARKER_WORDS_MAX);
}

function timeLine(chart: Chart, indent: number, width: number): string {
  const first = stepLabel(chart, 0);
  const last = stepLabel(chart, chartLength(chart));
  const gap = width - first.length - last.length;
  return gap < 2 ? `${' '.repeat(indent)}${first}` : `${' '.repeat(indent)}${first}${' '.repeat(gap)}${last}`;
}

function legendOf(chart: Chart, { limit, limitInView, peak }: Scale): string {
  const parts: string[] = [];
  const refused = chart.series.some((series) => series.role === 'refused');
  parts.push(refused ? `${SERVED} served  ${REFUSED} refused` : `${SERVED} ${totalName(chart)}`);
  parts.push(`peak ${axisNumber(peak)}`);
  if (limit !== null)
    parts.push(limitInView ? `${LIMIT} limit ${axisNumber(limit)}` : `limit ${axisNumber(limit)}, not in view`);
  return parts.join('  ');
}
