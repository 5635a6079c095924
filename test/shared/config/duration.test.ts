import { expect, test } from 'vitest';
import { parseDurationMs } from '../../../shared/config/duration.ts';

test.each([
  ['1s', 1000],
  ['15m', 900_000],
  ['2h', 7_200_000],
  ['14d', 1_209_600_000],
  ['999999d', 86_399_913_600_000],
])('%s is %d ms', (text, ms) => {
  expect(parseDurationMs(text)).toBe(ms);
});

test.each(['', '0m', '-1m', '1.5h', '1w', '15', 'm', '15 m', '15M', '1h30m', '1000000s', 'P1D', '１m'])(
  '%j is no duration',
  (text) => {
    expect(parseDurationMs(text)).toBeUndefined();
  },
);
