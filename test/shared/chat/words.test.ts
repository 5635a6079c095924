import { describe, expect, test } from 'vitest';
import {
  clockWords,
  countWords,
  durationWords,
  kindWords,
  numberWords,
  percentWords,
  severityWords,
  timeWords,
  typeWords,
} from '../../../shared/chat/words.ts';
import { VAULT } from './incidents.ts';

test.each([
  [0, '0'],
  [1240, '1,240'],
  [0.8234, '0.823'],
  [12.345, '12.3'],
  [1234.56, '1,235'],
  [Number.NaN, '?'],
  [Number.POSITIVE_INFINITY, '?'],
])('says the number %d as %s', (value, expected) => {
  expect(numberWords(value)).toBe(expected);
});

test.each([
  [0, '0 s'],
  [45, '45 s'],
  [60, '1 min'],
  [90, '90 s'],
  [120, '2 min'],
  [3599, '1 h'],
  [3900, '1 h 5 min'],
  [86_400, '1 d'],
  [97_200, '1 d 3 h'],
  [-5, '0 s'],
  [Number.NaN, '?'],
])('says %d seconds as %s', (seconds, expected) => {
  expect(durationWords(seconds)).toBe(expected);
});

describe('other words', () => {
  test('count one and many', () => {
    expect([countWords(1, 'request'), countWords(0, 'request'), countWords(2, 'address', 'addresses')]).toEqual([
      '1 request',
      '0 requests',
      '2 addresses',
    ]);
  });

  test('show a share above one too', () => {
    expect(percentWords(1.524)).toBe('152 %');
  });

  test('name the day only where it differs', () => {
    expect(timeWords('2026-11-20T14:03:59.000Z')).toBe('2026-11-20 14:03 UTC');
    expect(clockWords('2026-11-20T14:03:59.000Z', '2026-11-20T01:00:00.000Z')).toBe('14:03 UTC');
    expect(clockWords('2026-11-21T14:03:59.000Z', '2026-11-20T01:00:00.000Z')).toBe('2026-11-21 14:03 UTC');
  });

  test('speak of kinds, severities and types as people do', () => {
    expect(kindWords('imds-throttling')).toBe('IMDS throttling');
    expect(severityWords(1)).toBe('severity 1 (error)');
    expect(typeWords(VAULT)).toBe('Key Vault');
    expect(typeWords({ ...VAULT, type: 'unknown' })).toBeUndefined();
  });
});
