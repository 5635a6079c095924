import { expect, test } from 'vitest';
import { type ActivityRow, activity } from '../../../shared/evidence/activity.ts';
import { ask, line } from './kit.ts';

function at(rows: readonly ActivityRow[], caller: string | null): ActivityRow | undefined {
  return rows.find((row) => row.caller === caller);
}

test('counts the requests of each caller in 10 s, from the first that the log holds before the refusals', async () => {
  const rows = await ask(activity, [
    line({ at: -1_000 }),
    line({ at: -998 }),
    line({ at: -985 }),
    line({ at: 3, appId: 'app-b', status: 429 }),
    line({ at: 4, appId: 'app-b', status: 403 }),
  ]);
  const [first] = rows;
  expect(first?.fromSecond).toBe(Date.parse('2026-01-05T09:43:20.000Z') / 1000);
  expect(at(rows, 'app-a')?.perTenSeconds.slice(0, 3)).toEqual([2, 1, 0]);
  expect(at(rows, 'app-b')?.perTenSeconds[100]).toBe(2);
  expect(at(rows, 'app-b')?.failedPerTenSeconds[100]).toBe(1);
  // To seventeen minutes after the last refusal.
  expect(new Set(rows.map(({ perTenSeconds }) => perTenSeconds.length))).toEqual(new Set([203]));
});

test('challenges that nothing followed stand in a row without a caller', async () => {
  const challenge = { appId: null, operation: 'Authentication', status: 401, address: '10.7.7.7' } as const;
  const rows = await ask(activity, [
    line({ at: 1 }),
    line({ at: 41, ...challenge }),
    line({ at: 43, ...challenge }),
    line({ at: 60, ...challenge, address: '10.0.0.1' }),
    line({ at: 61 }),
    line({ at: 70, status: 429 }),
  ]);
  expect(at(rows, null)?.perTenSeconds.slice(0, 8)).toEqual([0, 0, 0, 0, 2, 0, 0, 0]);
});

test('keeps the twenty busiest callers', async () => {
  const lines = Array.from({ length: 25 }, (_, index) =>
    Array.from({ length: 25 - index }, (_each, time) =>
      line({ at: 10 + time, appId: `app-${String.fromCharCode(97 + index)}`, status: 429 }),
    ),
  ).flat();
  const rows = await ask(activity, lines);
  expect(rows.map(({ caller }) => caller)).toEqual([...'abcdefghijklmnopqrst'].map((letter) => `app-${letter}`));
});

test('is empty where nothing was refused', async () => {
  expect(await ask(activity, [line({ at: 1 })])).toEqual([]);
});
