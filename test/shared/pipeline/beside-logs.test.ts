import { expect, test } from 'vitest';
import { besideLogs } from '../../../shared/pipeline/beside-logs.ts';

test.each([
  [['owners'], 'Whose the callers are could not be read.'],
  [['changes', 'owners'], 'Whose the callers are and what changed before could not be read.'],
  [
    ['owners', 'changes', 'platform'],
    'Whether the provider has an event open, whose the callers are and what changed before could not be read.',
  ],
  [['owners', 'timeline'], null],
  [[], null],
])('without %j it is said: %s', (kinds, text) => {
  expect(besideLogs(new Set(kinds))).toBe(text);
});
