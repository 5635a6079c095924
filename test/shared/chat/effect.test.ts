import { describe, expect, test } from 'vitest';
import { effectWords, helpsLittle, inOrderOfUse } from '../../../shared/chat/effect.ts';
import type { Fix } from '../../../shared/model.ts';

function fix(id: string, before: number, after: number, peakBefore = 1.5, peakAfter = 0.6) {
  return {
    id,
    predicted: {
      throttledBefore: before,
      throttledAfter: after,
      peakUtilisationBefore: peakBefore,
      peakUtilisationAfter: peakAfter,
    },
  };
}

describe('what a fix is predicted to do', () => {
  test.each([
    ['both numbers', fix('a', 1240, 35), '1,240 → 35 refused, peak 150 → 60 % of the limit'],
    ['that the peak stays', fix('a', 1991, 467, 1.1, 1.13), '1,991 → 467 refused, peak still 113 % of the limit'],
    ['that it stays the same', fix('a', 1000, 100, 1.2, 1.2), '1,000 → 100 refused, peak still 120 % of the limit'],
    ['no peak where requests were refused below the limit', fix('a', 772, 0, 0.65, 0.37), '772 → 0 refused'],
    ['the peak where nothing was refused', fix('a', 0, 0, 0.65, 0.37), '0 → 0 refused, peak 65 → 37 % of the limit'],
    [
      'that it helps little',
      fix('a', 409, 399, 1.36, 1.36),
      'helps little: 409 → 399 refused, peak still 136 % of the limit',
    ],
    [
      'that it makes it worse',
      fix('a', 10, 12, 1.1, 1.2),
      'helps little: 10 → 12 refused, peak still 120 % of the limit',
    ],
    ['nothing without a prediction', {}, undefined],
  ])('says %s', (_what, given, words) => {
    expect(effectWords(given)).toBe(words);
  });

  test.each([
    [1000, 900, false],
    [1000, 901, true],
    [0, 0, false],
  ])('of %i refused requests, %i left: helps little is %s', (before, after, little) => {
    expect(helpsLittle(fix('a', before, after))).toBe(little);
  });

  test('what helps little stands last, everything else as it was', () => {
    const fixes: (Pick<Fix, 'predicted'> & { id: string })[] = [
      fix('split', 409, 399),
      { id: 'advice' },
      fix('cache', 409, 0),
      fix('worse', 409, 500),
    ];
    expect(inOrderOfUse(fixes).map(({ id }) => id)).toEqual(['advice', 'cache', 'split', 'worse']);
  });
});
