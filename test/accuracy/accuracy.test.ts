import { beforeAll, expect, test } from 'vitest';
import { studyAll } from '../../bench/accuracy/crew.ts';
import { isMiss, renderMiss, type Share, type Totals, totalsOf } from '../../bench/accuracy/report.ts';
import { seedBase } from '../../bench/accuracy/seeds.ts';

const LOGS = 40;
const WORKERS = 2;
/** Forty logs are few: an analyser that truly reaches the aim may fall below the bound once in so many commits. */
const FALSE_ALARM = 1 / 1_000;

let totals: Totals;
let misses = '';

beforeAll(async () => {
  const { base } = seedBase(new URL('../..', import.meta.url).pathname);
  const seeds = Array.from({ length: LOGS }, (_, index) => base + index);
  const { studied, failed } = await studyAll(
    seeds,
    { save: null, replay: null, fixes: 'none' },
    WORKERS,
    () => undefined,
  );
  expect(failed).toEqual([]);
  totals = totalsOf(studied);
  misses = studied.filter(isMiss).map(renderMiss).join('\n');
}, 1_200_000);

test.each<[string, keyof Omit<Totals, 'kinds'>, number]>([
  ['the true cause first', 'first', 0.95],
  ['the true caller', 'caller', 0.98],
  ['the second cause of a mix', 'second', 0.9],
  ['nothing likely or confirmed of a healthy log', 'healthy', 0.98],
])('tells %s as often as forty logs can show', (_what, part, aim) => {
  const share: Share = totals[part];
  expect(share.good, misses).toBeGreaterThanOrEqual(leastGood(share.of, aim));
});

test('meets healthy, mixed and boundary logs in its sample', () => {
  expect(totals.healthy.of).toBeGreaterThanOrEqual(6);
  expect(totals.second.of).toBeGreaterThanOrEqual(3);
  expect(totals.boundary.of).toBeGreaterThanOrEqual(4);
});

/** The largest count that so many tries, each good with chance `aim`, stay below with a chance of at most `FALSE_ALARM`. */
function leastGood(tries: number, aim: number): number {
  let chance = (1 - aim) ** tries;
  let below = 0;
  for (let good = 0; good <= tries; good++) {
    below += chance;
    if (below > FALSE_ALARM) return good;
    chance *= ((tries - good) / (good + 1)) * (aim / (1 - aim));
  }
  return tries;
}
