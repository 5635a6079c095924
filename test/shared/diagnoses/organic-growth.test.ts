import { beforeAll, expect, test } from 'vitest';
import { organicGrowth } from '../../../shared/diagnoses/organic-growth.ts';
import type { Evidence, Reading, Row } from '../../../shared/model.ts';
import { type Told, tell } from '../scenario.ts';
import { diagnoseBy, without } from './kit.ts';

let told: Told;
beforeAll(async () => {
  told = await tell('missing-cache', { seed: 6 });
});

/** The evidence with a day before that had this share of today's requests and peaks. */
function afterDay(
  share: number,
  {
    burst = 1,
    refused = 0,
    keep = () => true,
  }: { burst?: number; refused?: number; keep?: (row: Row) => boolean } = {},
): Evidence {
  const readings = told.evidence.readings.filter(({ window }) => window === 'incident');
  const before = readings.flatMap((reading): Reading[] => {
    if (reading.state !== 'read') return [];
    if (reading.kind === 'coverage') return [{ ...reading, window: 'day-before' }];
    if (reading.kind !== 'callers') return [];
    const rows = reading.rows.filter(keep).map((row) => {
      const served = Number(row['requests']) - Number(row['refused']);
      const scale = (count: number): number => Math.round(count * share);
      const peak10s = (Number(row['peak10s']) * share * burst * served) / Number(row['requests']);
      return { ...row, requests: scale(served) + refused, refused, peak10s };
    });
    return [{ ...reading, rows, window: 'day-before' }];
  });
  return { ...told.evidence, readings: [...readings, ...before] };
}

test.each([
  ['one and a quarter times', 0.8, {}, 1],
  ['three times', 0.34, {}, 1],
  ['a tenth more, which is noise', 0.9, {}, 0],
  ['ten times, which is an event', 0.1, {}, 0],
  ['twice, in bursts that it did not have', 0.5, { burst: 0.5 }, 0],
  ['twice, after a day that was refused as well', 0.5, { refused: 500 }, 0],
])('%s the load of the day before: %d %j gives %i cause', (_what, share, options, causes) => {
  expect(diagnoseBy(organicGrowth, afterDay(share, options))).toHaveLength(causes);
});

test.each([
  ['as busy, at hardly less in all', 1, 0],
  ['a half as busy, at hardly less in all: reads were given up before they were asked for', 0.5, 1],
])('windows that were %s', (_what, burst, causes) => {
  expect(diagnoseBy(organicGrowth, afterDay(0.95, { burst }))).toHaveLength(causes);
});

test.each([
  ['a half as long, with nearly as many requests: no growth', 0.9, 0.5, 0],
  ['a half as long, with six tenths of them', 0.6, 0.5, 0],
  ['a half as long, with four tenths of them', 0.4, 0.5, 1],
  ['as long, with four tenths of them', 0.4, 1, 1],
])('a day before that was read for %s', (_what, share, part, causes) => {
  // As busy in its busiest windows as its requests a minute say.
  const evidence = afterDay(share, { burst: Math.min(1, share / part) / share });
  const readings = evidence.readings.map((reading): Reading => {
    if (reading.kind !== 'coverage' || reading.window !== 'day-before' || reading.state !== 'read') return reading;
    const rows = reading.rows.map((row) => ({
      ...row,
      toMs: Number(row['fromMs']) + part * (Number(row['toMs']) - Number(row['fromMs'])),
    }));
    return { ...reading, rows };
  });
  expect(diagnoseBy(organicGrowth, { ...evidence, readings })).toHaveLength(causes);
});

test('callers that were not there before are no growth', () => {
  const culprit = told.played.truth.causes[0]?.appId;
  expect(diagnoseBy(organicGrowth, afterDay(0.5, { keep: (row) => row['caller'] !== culprit }))).toEqual([]);
});

test('names what grew most, as a condition, and never more than likely', () => {
  const [cause] = diagnoseBy(organicGrowth, afterDay(0.5));
  expect(cause).toMatchObject({ role: 'condition', verdict: 'likely', kind: 'organic-growth' });
  expect(cause?.caller?.appId).toBe(told.played.truth.causes[0]?.appId);
  expect(cause?.summary).toBe('its load grew to 2.0 times that of a day before, in the same shape');
});

test('the hour before the onset tells no growth', () => {
  expect(told.evidence.readings.some(({ window, state }) => window === 'hour-before' && state === 'read')).toBe(true);
  expect(diagnoseBy(organicGrowth, told.evidence)).toEqual([]);
  expect(diagnoseBy(organicGrowth, without(afterDay(0.5), ['callers']))).toEqual([]);
});
