import type { Chart } from '../model.ts';

/** One drawn step: real values of one real step of the chart, with the index of where its bucket begins. */
export type Column = { index: number; refused: number; total: number } | { index: number; refused: null; total: null };

function at(chart: Chart, role: Chart['series'][number]['role'], index: number): number | null {
  let sum: number | null = null;
  for (const series of chart.series) {
    const value = series.role === role ? series.values[index] : undefined;
    if (typeof value === 'number' && Number.isFinite(value)) sum = (sum ?? 0) + Math.max(0, value);
  }
  return sum;
}

/** How many steps the chart has: the longest of its series. */
export function chartLength(chart: Chart): number {
  return chart.series.reduce((longest, series) => Math.max(longest, series.values.length), 0);
}

const NAME_CHARACTERS = 40;

/** What all of a step is called: by the name of what was measured, where that is not requests. */
export function totalName(chart: Chart): string {
  return chart.series.find(({ role }) => role === 'total')?.name.slice(0, NAME_CHARACTERS) ?? 'requests';
}

/** Refused and all requests of one step; null where nothing was measured. Without a total series it is served plus refused, else the callers' sum. */
export function stepOf(chart: Chart, index: number): Column {
  const refused = at(chart, 'refused', index);
  const served = at(chart, 'served', index);
  const stacked = served === null && refused === null ? null : (served ?? 0) + (refused ?? 0);
  const total = at(chart, 'total', index) ?? stacked ?? at(chart, 'caller', index);
  if (total === null) return { index, refused: null, total: null };
  return { index, refused: Math.min(refused ?? 0, total), total };
}

/**
 * The indices of at most `max` steps that stand for the whole chart: of each bucket the step with the highest total
 * (then the most refused), so that the peak is always drawn and every drawn value was measured.
 */
export function pickSteps(chart: Chart, max: number): { bucket: number; step: number }[] {
  const length = chartLength(chart);
  const buckets = Math.min(length, Math.max(1, Math.floor(max)));
  const picked: { bucket: number; step: number }[] = [];
  for (let bucket = 0; bucket < buckets; bucket++) {
    const from = Math.floor((bucket * length) / buckets);
    const to = Math.floor(((bucket + 1) * length) / buckets);
    let best = stepOf(chart, from);
    for (let index = from + 1; index < to; index++) {
      const step = stepOf(chart, index);
      if (step.total === null) continue;
      if (best.total === null || step.total > best.total) best = step;
      else if (step.total === best.total && step.refused > best.refused) best = step;
    }
    picked.push({ bucket: from, step: best.index });
  }
  return picked;
}

/** The chart folded to at most `max` columns of refused and all requests. */
export function foldChart(chart: Chart, max: number): Column[] {
  return pickSteps(chart, max).map(({ bucket, step }) => ({ ...stepOf(chart, step), index: bucket }));
}

/** Time of a step as `HH:MM:SS`, `HH:MM`, or `MM-DD HH:MM` when the chart spans more than a day; `#3` when the chart has no readable time. */
export function stepLabel(chart: Chart, index: number): string {
  const from = Date.parse(chart.from);
  const at = from + index * chart.stepSeconds * 1000;
  const spanSeconds = chartLength(chart) * chart.stepSeconds;
  if (!Number.isFinite(at) || Math.abs(at) > 8.64e15 || !(chart.stepSeconds > 0)) return `#${index + 1}`;
  const iso = new Date(at).toISOString();
  if (spanSeconds > 86_400) return `${iso.slice(5, 10)} ${iso.slice(11, 16)}`;
  return chart.stepSeconds % 60 === 0 ? iso.slice(11, 16) : iso.slice(11, 19);
}
