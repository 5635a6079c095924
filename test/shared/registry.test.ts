import { describe, expect, test } from 'vitest';
import { ACTIONS, DIAGNOSES, EVIDENCE_KINDS, FIXES } from '../../shared/registry.ts';

describe('the registry', () => {
  test.each([
    ['evidence kinds', EVIDENCE_KINDS.map(({ kind }) => kind)],
    ['diagnoses', DIAGNOSES.map(({ kind }) => kind)],
    ['fixes', FIXES.map(({ id }) => id)],
    ['actions', ACTIONS.map(({ id }) => id)],
  ])('lists each of the %s once, in kebab case', (_what, names) => {
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !/^[a-z]+(-[a-z]+)*$/.test(name))).toEqual([]);
    expect(names.length).toBeGreaterThan(0);
  });

  test.each(DIAGNOSES.map((diagnosis) => [diagnosis.kind, diagnosis] as const))(
    'holds the evidence that %s needs and the fixes that it names',
    (_kind, { needs, fixes, cure }) => {
      const kinds = EVIDENCE_KINDS.map(({ kind }) => kind);
      const ids = FIXES.map(({ id }) => id);
      expect(needs.filter((kind) => !kinds.includes(kind))).toEqual([]);
      expect(fixes.filter((id) => !ids.includes(id))).toEqual([]);
      if (cure !== null) expect(fixes).toContain(cure);
    },
  );

  test.each(EVIDENCE_KINDS.flatMap(({ kind, follows }) => (follows === undefined ? [] : [[kind, follows] as const])))(
    'holds the kind that %s follows, which is %s',
    (_kind, follows) => {
      expect(EVIDENCE_KINDS.map(({ kind }) => kind)).toContain(follows);
    },
  );

  test('offers no fix that no diagnosis names', () => {
    const named = new Set(DIAGNOSES.flatMap(({ fixes }) => fixes));
    expect(FIXES.filter(({ id }) => !named.has(id))).toEqual([]);
  });
});
