import { PALETTES, type Palette, type Theme } from '../../shared/charts/palette.ts';
import { at, drawGrid, heightOf, type Panel } from '../../shared/charts/svg-panel.ts';
import { placeLegend } from '../../shared/charts/svg-place.ts';
import { escapeXml, svgText } from '../../shared/charts/svg-text.ts';

/** A line chart as both platforms are sent one. */
export type LineChart = {
  title: string;
  xLabel: string;
  yLabel: string;
  series: { name: string; points: { x: string; y: number }[] }[];
};

const WIDTH = 600;
const PLOT: Omit<Panel, 'full'> = { left: 64, right: 584, top: 50, bottom: 210 };
const TEXT_SIZE = 12;
const TIME_LABELS = 4;

/** About what the platforms' own line charts look like: every series a line over the same categories. */
export function drawLines(chart: LineChart, theme: Theme): string {
  const palette = PALETTES[theme];
  const categories = [...new Set(chart.series.flatMap(({ points }) => points.map(({ x }) => x)))];
  const peak = Math.max(
    0,
    ...chart.series.flatMap(({ points }) => points.map(({ y }) => (Number.isFinite(y) ? y : 0))),
  );
  const panel: Panel = { ...PLOT, full: peak * 1.06 || 1 };
  const colours = coloursOf(chart.series.length, palette);
  const lines = chart.series.map(({ points }, index) => {
    const places = points.flatMap(({ x, y }) =>
      Number.isFinite(y) ? [`${at(xOf(categories.indexOf(x), categories.length))} ${at(heightOf(y, panel))}`] : [],
    );
    return places.length === 0
      ? ''
      : `<path d="M${places.join('L')}" fill="none" stroke="${colours[index] ?? palette.others}" stroke-width="2"/>`;
  });
  const entries = chart.series.map(({ name }, index) => ({
    name,
    colour: colours[index] ?? palette.others,
    kind: 'area' as const,
  }));
  const legend = placeLegend(entries, 16, PLOT.right, TEXT_SIZE);
  const height = PLOT.bottom + 56 + (legend.at(-1)?.row ?? 0) * 20;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" font-size="${TEXT_SIZE}">`,
    `<text x="16" y="20" font-size="14" font-weight="bold" fill="${palette.text}">${svgText(chart.title, 80)}</text>`,
    `<text x="16" y="37" fill="${palette.faint}">${svgText(chart.yLabel, 50)} · ${svgText(chart.xLabel, 50)}</text>`,
    ...drawGrid(panel, peak, 4, palette),
    ...lines,
    ...timeLabels(categories, palette),
    ...legend.flatMap(({ x, row, name, colour }) => [
      `<rect x="${at(x)}" y="${PLOT.bottom + 32 + row * 20}" width="12" height="12" fill="${colour}"/>`,
      `<text x="${at(x + 18)}" y="${PLOT.bottom + 42 + row * 20}" fill="${palette.faint}">${escapeXml(name)}</text>`,
    ]),
    '</svg>',
  ].join('');
}

function coloursOf(count: number, { served, refused, limit, callers }: Palette): string[] {
  return [served, refused, limit, ...callers.slice(1)].slice(0, count);
}

function xOf(index: number, of: number): number {
  return PLOT.left + (of < 2 ? 0.5 : index / (of - 1)) * (PLOT.right - PLOT.left);
}

function timeLabels(categories: readonly string[], { faint }: Palette): string[] {
  const count = Math.min(TIME_LABELS, categories.length);
  return Array.from({ length: count }, (_, label) => {
    const index = count < 2 ? 0 : Math.round((label / (count - 1)) * (categories.length - 1));
    const anchor = label === 0 ? 'start' : label === count - 1 ? 'end' : 'middle';
    return `<text x="${at(xOf(index, categories.length))}" y="${PLOT.bottom + 18}" text-anchor="${anchor}" fill="${faint}">${svgText(categories[index] ?? '', 24)}</text>`;
  });
}
