import { expect, test } from 'vitest';
import { besideLogs } from '../../../shared/pipeline/beside-logs.ts';
import { EVIDENCE_KINDS } from '../../../shared/registry.ts';

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

test('every kind that no log holds has words for what stays open without it', () => {
  const kinds = EVIDENCE_KINDS.filter(({ sql }) => sql === undefined).map(({ kind }) => kind);
  expect(kinds.filter((kind) => besideLogs(new Set([kind])) === null)).toEqual([]);
});
