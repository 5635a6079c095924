const UNIT_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `30s`, `15m`, `2h`, `14d`: one whole number above zero and one unit. */
export const DURATION = /^([1-9]\d{0,5})([smhd])$/;

/** Milliseconds of `15m`, `2h`, …; `undefined` when the text is no duration. */
export function parseDurationMs(text: string): number | undefined {
  const [, count, unit] = DURATION.exec(text) ?? [];
  switch (unit) {
    case 's':
    case 'm':
    case 'h':
    case 'd':
      return Number(count) * UNIT_MS[unit];
    default:
      return undefined;
  }
}
