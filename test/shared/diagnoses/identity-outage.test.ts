import { beforeAll, expect, test } from 'vitest';
import { identityOutage } from '../../../shared/diagnoses/identity-outage.ts';
import type { Evidence, Row } from '../../../shared/model.ts';
import { background, evidenceOf, outageFleet } from './fleet.ts';
import { changed, diagnoseBy, expectFactsToHold, scaled, without } from './kit.ts';

let evidence: Evidence;
beforeAll(async () => {
  evidence = await evidenceOf([...background(), ...outageFleet()]);
});

/** These callers never fell: each asks as steadily as in the hour before. */
function steady(callers: readonly string[]): (row: Row) => Row {
  return (row) =>
    callers.includes(String(row['caller'])) ? { perTenSeconds: scaled(row, 'perTenSeconds', 0).fill(20) } : {};
}

/** What nothing followed, of this many challenges in the 10 s at which the fall began. */
function orphaned(challenges: number): (row: Row) => Row {
  return (row) => {
    if (row['caller'] !== null) return {};
    const counts = scaled(row, 'perTenSeconds', 0);
    const dip = scaled(row, 'perTenSeconds', 1).findIndex((count) => count > 0);
    return { perTenSeconds: counts.map((_, bin) => (bin === dip + 3 ? challenges : 0)) };
  };
}

test.each([
  ['three callers', [], 1],
  ['two callers', ['app-c'], 1],
  ['one caller: its own affair', ['app-b', 'app-c'], 0],
])('%s that fall silent together: beside %j that do not, %i cause', (_what, callers, count) => {
  const causes = diagnoseBy(identityOutage, changed(evidence, { activity: steady(callers) }));
  expect(causes).toHaveLength(count);
});

test.each([
  [5, 1],
  [4, 0],
])('%i challenges that nothing followed give %i cause', (challenges, count) => {
  const causes = diagnoseBy(identityOutage, changed(evidence, { activity: orphaned(challenges) }));
  expect(causes).toHaveLength(count);
});

test('challenges that nothing follows on any day are no outage', () => {
  const always = changed(evidence, {
    activity: (row) => (row['caller'] === null ? { perTenSeconds: scaled(row, 'perTenSeconds', 0).fill(10) } : {}),
  });
  expect(diagnoseBy(identityOutage, always)).toEqual([]);
});

test('names nobody, begins with the fall, and counts whoever was refused as hurt', () => {
  const [cause] = diagnoseBy(identityOutage, evidence);
  expect(cause?.caller).toBeUndefined();
  expect(cause).toMatchObject({ verdict: 'confirmed', role: 'trigger' });
  expect(cause?.victims.map(({ id }) => id).sort()).toEqual(expect.arrayContaining(['app-a', 'app-b', 'app-c']));
  expect(cause?.summary).toMatch(
    /^tokens failed first: 3 callers fell silent for (190|200|210) s, then all came back$/,
  );
});

test('each fact names a kind and column that hold it', () => {
  expectFactsToHold(identityOutage, evidence);
});

test.each(identityOutage.needs.filter((kind) => kind !== 'coverage'))('says nothing without %s', (kind) => {
  expect(diagnoseBy(identityOutage, without(evidence, [kind]))).toEqual([]);
});
