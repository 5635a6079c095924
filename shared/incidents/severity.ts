import type { Chart, Family, Severity, SignalState } from '../model.ts';

/** Share of requests refused that is severe by itself where the settings name none: one in ten. */
export const DEFAULT_SEVERE_SHARE = 0.1;

/** Refusals in this many of `PERSISTENT_OF_MINUTES` closed minutes wake someone (field-notes 17). */
const PERSISTENT_MINUTES = 3;
const PERSISTENT_OF_MINUTES = 5;

/**
 * Severity before anything was read. A throttling count above zero fires on one refusal, so it starts at 3 whatever the
 * rule says (field-notes 17); everything else is as severe as its most severe fired rule.
 */
export function firstSeverity(family: Family, signals: readonly SignalState[]): Severity {
  if (family === 'throttle') return 3;
  const fired = signals.filter((signal) => signal.state !== 'resolved');
  const counted = fired.length > 0 ? fired : signals;
  return counted.map((signal) => signal.severity).sort()[0] ?? 4;
}

/**
 * Severity once the refusals of the window have been read: 1 when they stand in at least 3 of 5 minutes or pass the
 * share from the settings, else 3.
 *
 * @param share refused ÷ all requests above which it is severe, 0..1; undefined: only the minutes count
 */
export function measuredSeverity(chart: Chart, share: number | undefined): Severity {
  const { minutes, refused, total } = refusalsByMinute(chart);
  if (share !== undefined && total > 0 && refused / total > share) return 1;
  for (let i = 0; i < minutes.length; i += 1) {
    const hit = minutes.slice(i, i + PERSISTENT_OF_MINUTES).filter((count) => count > 0).length;
    if (hit >= PERSISTENT_MINUTES) return 1;
  }
  return 3;
}

function refusalsByMinute(chart: Chart): { minutes: number[]; refused: number; total: number } {
  const minutes: number[] = [];
  let refused = 0;
  let total = 0;
  const bins = Math.max(0, ...chart.series.map((series) => series.values.length));
  for (let bin = 0; bin < bins; bin += 1) {
    const minute = Math.floor((bin * chart.stepSeconds) / 60);
    for (const series of chart.series) {
      const value = series.values[bin] ?? 0;
      if (series.role === 'refused') {
        minutes[minute] = (minutes[minute] ?? 0) + value;
        refused += value;
        total += value;
      } else if (series.role === 'served') total += value;
    }
    minutes[minute] ??= 0;
  }
  return { minutes, refused, total };
}
