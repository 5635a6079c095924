import { expect, test } from 'vitest';
import { study } from '../../../../bench/accuracy/study.ts';
import { PLAYABLE_FIXES } from '../../../../simulation/corpus.ts';

const POINTS = 5;
const PEAK_SHARE = 0.15;

/** Small labelled logs, and the fixes of their causes: between them every fix that the simulation can play. */
const LOGS: readonly [number, readonly string[]][] = [
  [7100097, ['jittered-start', 'app-configuration-references', 'bundle-secrets', 'separate-vault', 'backoff']],
  [7100074, ['list-once', 'cache-secrets', 'queue-in-front']],
  [7100223, ['local-crypto', 'limit-increase']],
  [7100055, ['grant-or-rename']],
  [7100044, ['slow-restarts']],
  [7100036, ['refresh-interval']],
];
/** A client of one's own instead of one for each call spares challenges, which no limit counts: nothing is predicted of it. */
const WITHOUT_EFFECT = ['singleton-client'];

test.each(LOGS)(
  'the fleet of log %i, mended, is refused as predicted and peaks as predicted',
  async (seed, expected) => {
    const { fixes } = await study(seed, { save: null, replay: null, fixes: 'all' });
    expect(fixes.map(({ fix }) => fix)).toEqual(expect.arrayContaining([...expected]));
    for (const error of fixes.filter(({ fix }) => expected.includes(fix))) {
      expect(Math.abs(error.predictedPercent - error.truePercent), JSON.stringify(error)).toBeLessThanOrEqual(POINTS);
      expect(Math.abs(error.predictedPeak - error.truePeak), JSON.stringify(error)).toBeLessThanOrEqual(
        PEAK_SHARE * error.truePeak,
      );
    }
  },
  60_000,
);

test('every fix that the simulation can play is among them', () => {
  const played = LOGS.flatMap(([, fixes]) => fixes);
  expect([...played, ...WITHOUT_EFFECT].sort()).toEqual([...PLAYABLE_FIXES].sort());
});
