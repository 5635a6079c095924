import type { Chart } from '../model.ts';
import { pickSteps, stepOf, totalName } from './downsample.ts';
import type { Palette } from './palette.ts';

/** Callers drawn by themselves; what all others asked is one more layer. */
const CALLERS_MAX = 4;

/** One colour of a stack: what it adds in each column, in the chart's unit. */
export type Layer = { name: string; colour: string; hatched?: true; values: number[] };

export type Stacks = {
  /** Height of each column; null where nothing was measured. */
  totals: (number | null)[];
  /** Served below refused. */
  outcomes: Layer[];
  /** Who asked it, the first of the chart's callers at the bottom, all others on top; empty where the chart knows no callers. */
  callers: Layer[];
};

/** The chart folded by peaks to at most `columns`, as stacked layers from the bottom up. Each column is one real step. */
export function stacksOf(chart: Chart, columns: number, palette: Palette): Stacks {
  const picked = pickSteps(chart, columns);
  const steps = picked.map(({ step }) => stepOf(chart, step));
  const totals = steps.map(({ total }) => (total === null ? null : Math.min(total, Number.MAX_VALUE)));
  const refused = steps.map((step) => Math.min(step.refused ?? 0, Number.MAX_VALUE));
  const served = totals.map((total, column) => Math.max(0, (total ?? 0) - (refused[column] ?? 0)));
  const split = chart.series.some(({ role }) => role === 'refused');
  const outcomes: Layer[] = [{ name: split ? 'served' : totalName(chart), colour: palette.served, values: served }];
  if (refused.some((value) => value > 0))
    outcomes.push({ name: 'refused', colour: palette.refused, hatched: true, values: refused });
  const indices = picked.map(({ step }) => step);
  return { totals, outcomes, callers: callersOf(chart, indices, totals, palette) };
}

function callersOf(chart: Chart, indices: number[], totals: (number | null)[], palette: Palette): Layer[] {
  const left = totals.map((total) => total ?? 0);
  const layers = chart.series
    .filter(({ role }) => role === 'caller')
    .slice(0, CALLERS_MAX)
    .map(({ name, values }, index): Layer => {
      const own = indices.map((step, column) => {
        const value = values[step];
        const rest = left[column] ?? 0;
        const drawn = typeof value === 'number' && Number.isFinite(value) ? Math.min(rest, Math.max(0, value)) : 0;
        left[column] = rest - drawn;
        return drawn;
      });
      return { name, colour: palette.callers[index] ?? palette.others, values: own };
    });
  if (layers.length > 0 && left.some((value) => value > 0))
    layers.push({ name: 'others', colour: palette.others, values: left });
  return layers;
}
