import { writeFileSync } from 'node:fs';
import { createRasteriser } from '../shared/adapters/raster/resvg.ts';
import type { Theme } from '../shared/charts/palette.ts';
import { drawSvg } from '../shared/charts/svg.ts';
import type { Chart } from '../shared/model.ts';
import { type Io, UsageError } from './command.ts';

/** Twice the size of the drawing, for screens of today. */
const PNG_WIDTH_PIXELS = 1520;

export type ChartFile = { path: string; format: 'svg' | 'png'; theme: Theme };

export const CHART_HELP = `  --chart FILE    draw the first chart into FILE.svg or FILE.png; FILE.dark.svg for a dark background`;

/** The file of `--chart`, by its ending; undefined without one. */
export function readChartFile(path: string | undefined): ChartFile | undefined {
  if (path === undefined) return undefined;
  const [, dark, format] = /(\.dark)?\.(svg|png)$/i.exec(path) ?? [];
  if (format === undefined) throw new UsageError('--chart names a file that ends in .svg or .png');
  return { path, format: format.toLowerCase() === 'png' ? 'png' : 'svg', theme: dark === undefined ? 'light' : 'dark' };
}

/** Draws the chart into the file, where there is one and it holds anything; says on the error output where it did not. */
export async function writeChart(file: ChartFile | undefined, chart: Chart | undefined, io: Io): Promise<void> {
  if (file === undefined) return;
  const svg = chart === undefined ? null : drawSvg(chart, file.theme);
  if (svg === null) {
    io.err('there is no chart to draw: nothing was measured\n');
    return;
  }
  const drawn = file.format === 'png' ? await createRasteriser().png(svg, { widthPixels: PNG_WIDTH_PIXELS }) : svg;
  try {
    writeFileSync(file.path, drawn);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new UsageError(`--chart: ${file.path.slice(0, 200)} cannot be written (${code})`, { cause: error });
  }
}
