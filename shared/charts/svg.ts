import type { Chart } from '../model.ts';
import { chartLength, stepLabel } from './downsample.ts';
import { type Stacks, stacksOf } from './layers.ts';
import { PALETTES, type Palette, type Theme } from './palette.ts';
import { axisNumber, type Scale, scaleOf } from './scale.ts';
import { at, drawGaps, drawGrid, drawLayers, heightOf, type Panel } from './svg-panel.ts';
import { type LegendEntry, type PlacedMark, placeLegend, placeMarks } from './svg-place.ts';
import { escapeXml, svgText } from './svg-text.ts';

const WIDTH = 760;
const LEFT = 64;
const RIGHT = 744;
const MARGIN = 16;
const HEAD_HEIGHT = 60;
const PLOT_HEIGHT = 220;
/** Of the plot below that shows who asked. */
const CALLERS_HEIGHT = 110;
const LANE_HEIGHT = 17;
const ROW_HEIGHT = 20;
const TITLE_SIZE = 16;
const TEXT_SIZE = 12;
const COLUMNS_MAX = 120;
const TIME_LABELS = 5;
/** Room above the highest value, so that it does not touch the edge. */
const ROOM = 1.06;

/** The font that is bundled for pictures comes first: without it text would be missing there. */
const FAMILY = "'DejaVu Sans', Verdana, 'Segoe UI', sans-serif";

/**
 * The chart as one SVG picture, 760 wide: at most 120 columns of peaks, served below refused (hatched), the limit as a
 * dashed line, markers above; below it the same columns by caller, where the chart knows callers. Null when nothing was
 * measured.
 *
 * All text in it is escaped; it refers to nothing outside itself.
 */
export function drawSvg(chart: Chart, theme: Theme): string | null {
  const palette = PALETTES[theme];
  const stacks = stacksOf(chart, COLUMNS_MAX, palette);
  if (!stacks.totals.some((total) => total !== null)) return null;
  const scale = scaleOf(chart);
  const marks = placeMarks(chart, LEFT, RIGHT, TEXT_SIZE);
  const lanes = marks.reduce((most, { label, lane }) => (label === '' ? most : Math.max(most, lane + 1)), 0);
  const top = HEAD_HEIGHT + lanes * LANE_HEIGHT;
  const full = Math.min(scale.top, Number.MAX_VALUE / 2) * ROOM || 1;
  const panel: Panel = { left: LEFT, right: RIGHT, top, bottom: top + PLOT_HEIGHT, full };
  const upper = legend(outcomeEntries(chart, stacks, scale, palette), panel.bottom + 44, palette);
  const lower = stacks.callers.length === 0 ? null : callersPanel(stacks, scale, upper.bottom, palette);
  const height = (lower ?? upper).bottom;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" font-family="${FAMILY}" font-size="${TEXT_SIZE}">`,
    `<title>${svgText(chart.title, 120)}</title>`,
    `<desc>Peak ${axisNumber(scale.peak)}${scale.limit === null ? '' : `, limit ${axisNumber(scale.limit)}`}</desc>`,
    `<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="2" height="6" fill="${palette.background}"/></pattern></defs>`,
    `<rect width="${WIDTH}" height="${height}" rx="8" fill="${palette.background}"/>`,
    `<text x="${MARGIN}" y="28" font-size="${TITLE_SIZE}" font-weight="bold" fill="${palette.text}">${svgText(chart.title, 70)}</text>`,
    `<text x="${MARGIN}" y="47" fill="${palette.faint}">${svgText(chart.unit, 60)} · time in UTC</text>`,
    ...drawGrid(panel, scale.top, 5, palette),
    ...drawGaps(panel, stacks.totals, palette),
    ...drawLayers(panel, stacks.outcomes),
    `<path d="M${LEFT} ${panel.bottom}H${RIGHT}" stroke="${palette.faint}"/>`,
    ...(scale.limit !== null && scale.limitInView ? limitLine(heightOf(scale.limit, panel), palette) : []),
    ...marks.map((mark) => markLine(mark, panel, palette)),
    ...marks.map((mark) => markLabel(mark, panel, palette)),
    ...timeLabels(chart, panel.bottom + 18, palette),
    ...upper.drawn,
    ...(lower?.drawn ?? []),
    '</svg>',
    '',
  ].join('\n');
}

type Drawn = { drawn: string[]; bottom: number };

function callersPanel({ callers, totals }: Stacks, { peak }: Scale, from: number, palette: Palette): Drawn {
  const full = Math.min(peak, Number.MAX_VALUE / 2) * ROOM || 1;
  const panel: Panel = { left: LEFT, right: RIGHT, top: from + 24, bottom: from + 24 + CALLERS_HEIGHT, full };
  const entries = callers.map(({ name, colour }): LegendEntry => ({ name, colour, kind: 'area' }));
  const below = legend(entries, panel.bottom + 24, palette);
  return {
    drawn: [
      `<text x="${MARGIN}" y="${from + 10}" font-weight="bold" fill="${palette.text}">Who asked</text>`,
      ...drawGrid(panel, peak, 2, palette),
      ...drawGaps(panel, totals, palette),
      ...drawLayers(panel, callers),
      `<path d="M${LEFT} ${panel.bottom}H${RIGHT}" stroke="${palette.faint}"/>`,
      ...below.drawn,
    ],
    bottom: below.bottom,
  };
}

function limitLine(y: number, palette: Palette): string[] {
  const path = `<path d="M${LEFT} ${at(y)}H${RIGHT}"`;
  return [
    // It is seen on every layer: it brings its own ground.
    `${path} stroke="${palette.background}" stroke-width="4"/>`,
    `${path} stroke="${palette.limit}" stroke-width="2" stroke-dasharray="7 4"/>`,
  ];
}

function markLine({ x, lane }: PlacedMark, { top, bottom }: Panel, palette: Palette): string {
  const path = `<path d="M${at(x)} ${top - lane * LANE_HEIGHT - 18}V${bottom}"`;
  return `${path} stroke="${palette.background}" stroke-width="3"/>${path} stroke="${palette.marker}" stroke-dasharray="2 3"/>`;
}

function markLabel({ x, label, lane, anchor }: PlacedMark, { top }: Panel, palette: Palette): string {
  const beside = at(anchor === 'start' ? x + 5 : x - 5);
  return `<text x="${beside}" y="${top - lane * LANE_HEIGHT - 8}" text-anchor="${anchor}" fill="${palette.text}">${escapeXml(label)}</text>`;
}

function timeLabels(chart: Chart, y: number, palette: Palette): string[] {
  const length = chartLength(chart);
  return Array.from({ length: TIME_LABELS }, (_, index) => {
    const share = index / (TIME_LABELS - 1);
    const anchor = index === 0 ? 'start' : index === TIME_LABELS - 1 ? 'end' : 'middle';
    const label = stepLabel(chart, Math.round(share * length));
    return `<text x="${at(LEFT + share * (RIGHT - LEFT))}" y="${y}" text-anchor="${anchor}" fill="${palette.faint}">${label}</text>`;
  });
}

function outcomeEntries(chart: Chart, stacks: Stacks, scale: Scale, palette: Palette): LegendEntry[] {
  const entries = stacks.outcomes.map(
    ({ name, colour, hatched }): LegendEntry => ({ name, colour, kind: hatched === true ? 'hatched' : 'area' }),
  );
  if (scale.limit !== null)
    entries.push({
      name: `${chart.limit?.label ?? 'limit'} ${axisNumber(scale.limit)}${scale.limitInView ? '' : ', not in view'}`,
      colour: palette.limit,
      kind: scale.limitInView ? 'line' : 'none',
    });
  entries.push({ name: `peak ${axisNumber(scale.peak)}`, colour: palette.text, kind: 'none' });
  if (stacks.totals.includes(null)) entries.push({ name: 'not measured', colour: palette.grid, kind: 'area' });
  return entries;
}

/** Entries in rows, the first with its base line at `from`. */
function legend(entries: readonly LegendEntry[], from: number, palette: Palette): Drawn {
  const placed = placeLegend(entries, MARGIN, RIGHT, TEXT_SIZE);
  const drawn = placed.flatMap(({ x, row, name, colour, kind }) => {
    const y = from + row * ROW_HEIGHT;
    const square = `<rect x="${at(x)}" y="${y - 10}" width="12" height="12"`;
    const line = `<path d="M${at(x)} ${y - 4}h14" stroke="${colour}" stroke-width="2" stroke-dasharray="5 2"/>`;
    const text = `<text x="${at(kind === 'none' ? x : x + 18)}" y="${y}" fill="${palette.faint}">${escapeXml(name)}</text>`;
    if (kind === 'none') return [text];
    if (kind === 'line') return [line, text];
    return [`${square} fill="${colour}"/>`, ...(kind === 'hatched' ? [`${square} fill="url(#hatch)"/>`] : []), text];
  });
  return { drawn, bottom: from + ((placed.at(-1)?.row ?? 0) + 1) * ROW_HEIGHT };
}
