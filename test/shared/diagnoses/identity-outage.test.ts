import { beforeAll, describe, expect, test } from 'vitest';
import { identityOutage } from '../../../shared/diagnoses/identity-outage.ts';
import type { Evidence, Reading, Row, Window } from '../../../shared/model.ts';
import { published } from '../evidence/kit.ts';
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

const BESIDE = ['coverage', 'identity', 'platform'];

test.each(identityOutage.needs.filter((kind) => !BESIDE.includes(kind)))('says nothing without %s', (kind) => {
  expect(diagnoseBy(identityOutage, without(evidence, [kind]))).toEqual([]);
});

describe('beside the silence', () => {
  const HEAD = { store: 'beside', truncated: false, completeness: null } as const;
  const CALLERS = ['app-a', 'app-b', 'app-c'];

  /** Readings of other stores, as far as they are given; the log itself is as it was. */
  function beside(given: { signIns?: Row[]; usual?: Row[]; events?: Row[]; minutesLater?: number }): Evidence {
    const readAt = new Date((fall().toSecond + 60 * (given.minutesLater ?? 60)) * 1000).toISOString();
    const read = (kind: string, rows: Row[] | undefined, window: Window = 'incident'): Reading[] =>
      rows === undefined ? [] : [{ kind, window, readAt, state: 'read', rows, ...HEAD }];
    const { signIns, usual = everyMinute(-60, 0, 4), events } = given;
    return {
      ...evidence,
      readings: [
        ...evidence.readings,
        ...read('identity', signIns),
        ...(signIns === undefined ? [] : read('identity', usual, 'hour-before')),
        ...read('platform', events),
      ],
    };
  }

  function fall(): { fromSecond: number; toSecond: number } {
    const [cause] = diagnoseBy(identityOutage, evidence);
    const at = (label: string) => Date.parse(String(cause?.facts.find((fact) => fact.label === label)?.value)) / 1000;
    return { fromSecond: at('From'), toSecond: at('To') };
  }

  /** So many sign-ins in each minute, counted from that in which the callers fell silent. */
  function everyMinute(from: number, to: number, signIns: number, code = '0'): Row[] {
    const startMs = Math.floor(fall().fromSecond / 60) * 60_000;
    return Array.from({ length: to - from }, (_, n) => ({
      ...{ minuteMs: startMs + 60_000 * (from + n), objectId: CALLERS[n % 3] ?? '', appId: '', code, signIns },
    }));
  }

  const event = (given: Row = {}): Row => ({
    ...{
      trackingId: 'ABCD-123',
      eventType: 'ServiceIssue',
      status: 'Active',
      title: 'Managed identities',
      region: 'Global',
    },
    ...{ service: 'Microsoft Entra ID', startedMs: fall().fromSecond * 1000 - 600_000, mitigatedMs: null },
    ...given,
  });

  /** Of three callers that fell silent for some minutes the case is clear; of two it is not. */
  const unclear = (given: Evidence): Evidence => changed(given, { activity: steady(['app-c']) });

  function verdictIn(given: Evidence): string | undefined {
    return diagnoseBy(identityOutage, given)[0]?.verdict;
  }

  test('nothing that was read changes nothing', () => {
    expect(diagnoseBy(identityOutage, beside({}))).toEqual(diagnoseBy(identityOutage, evidence));
    expect(verdictIn(unclear(beside({})))).toBe('likely');
  });

  test('sign-ins that fail, that are missing, or an event of the provider each make it surer', () => {
    const failing = beside({ signIns: [...everyMinute(0, 5, 3, '500011'), ...everyMinute(8, 9, 9)] });
    const absent = beside({ signIns: everyMinute(8, 9, 9) });
    const open = beside({ events: [event()] });
    expect([failing, absent, open].map((each) => verdictIn(unclear(each)))).toEqual([
      'confirmed',
      'confirmed',
      'confirmed',
    ]);
    const [plain, surer, surest] = [
      evidence,
      failing,
      beside({ signIns: everyMinute(8, 9, 9), events: [event()] }),
    ].map((each) => diagnoseBy(identityOutage, unclear(each))[0]?.confidence ?? 0);
    expect(surer).toBeGreaterThan(plain ?? 1);
    expect(surest).toBeGreaterThan(surer ?? 1);
  });

  test('what is told names the codes, what is usual, and the event', () => {
    const failing = beside({ signIns: everyMinute(0, 5, 3, '500011'), events: [event()] });
    const [cause] = diagnoseBy(identityOutage, failing);
    expect(cause?.facts.slice(-2).map(({ label, value }) => `${label}: ${value}`)).toEqual([
      expect.stringMatching(/^Sign-ins meanwhile: 0 given, 1[25] failed \(500011\), 1[26] usual$/),
      'The provider says: ABCD-123 Managed identities',
    ]);
    expectFactsToHold(identityOutage, failing);
  });

  test('sign-ins as usual speak against it, unless the provider says otherwise', () => {
    const usual = everyMinute(0, 9, 4);
    expect(verdictIn(beside({ signIns: usual }))).toBe('inconclusive');
    expect(verdictIn(beside({ signIns: usual, events: [event()] }))).toBe('likely');
  });

  test.each<[string, () => Parameters<typeof beside>[0]]>([
    ['rows that may only be late', () => ({ signIns: [], minutesLater: 10 })],
    ['too few sign-ins to miss any', () => ({ signIns: [], usual: [] })],
    [
      'failures that are nothing new',
      () => ({ signIns: everyMinute(0, 5, 3, '7000222'), usual: everyMinute(-60, 0, 3, '7000222') }),
    ],
    ['two failures', () => ({ signIns: everyMinute(1, 2, 2, '500011'), usual: [] })],
  ])('%s say nothing', (_what, given) => {
    expect(verdictIn(unclear(beside(given())))).toBe('likely');
  });

  test('what is not there is missed from the minute on that later rows, or 20 minutes, show that it will not come', () => {
    expect(verdictIn(unclear(beside({ signIns: everyMinute(5, 6, 1), minutesLater: 10 })))).toBe('confirmed');
    expect(verdictIn(unclear(beside({ signIns: [], minutesLater: 21 })))).toBe('confirmed');
  });

  test.each([
    ['of another service', { service: 'Storage' }],
    ['that was planned', { eventType: 'PlannedMaintenance' }],
    ['that began long after', { startedMs: 4_102_444_800_000 }],
    ['that was over long before', { status: 'Resolved', mitigatedMs: 0 }],
  ])('an event %s says nothing', (_what, given) => {
    expect(verdictIn(unclear(beside({ events: [event(given)] })))).toBe('likely');
  });

  test('an event that an alert told of counts like one that was read', () => {
    const related = [
      { alertId: 'a1', at: '2026-01-01T00:00:00.000Z', text: 'Entra', facts: { service: 'Microsoft Entra ID' } },
    ];
    const [cause] = identityOutage.diagnose({ evidence: unclear(evidence), limits: published(), signals: [], related });
    expect(cause).toMatchObject({ verdict: 'confirmed' });
  });
});
