const LEVELS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const GAP = '·';

/**
 * One character a value, from `▁` (zero) to `█` (the highest, or `top`); `·` where nothing was measured.
 * Negative values count as zero. An empty list gives an empty string.
 */
export function drawSparkline(values: readonly (number | null)[], top?: number): string {
  const measured = values.map((value) => (value !== null && Number.isFinite(value) ? Math.max(0, value) : null));
  const high = Math.max(top ?? 0, ...measured.map((value) => value ?? 0));
  return measured
    .map((value) => {
      if (value === null) return GAP;
      if (high === 0) return LEVELS[0];
      const level = Math.ceil((value / high) * (LEVELS.length - 1));
      return LEVELS[Math.min(LEVELS.length - 1, level)];
    })
    .join('');
}
