import { describe, expect, test } from 'vitest';
import { type IncidentRecord, newRecord } from '../../../shared/incidents/record.ts';
import type { Evidence, Finding, Reading } from '../../../shared/model.ts';
import { type Made, runsAfter } from '../../../shared/pipeline/late-runs.ts';
import { VAULT } from '../evidence/kit.ts';

const OPENED = '2026-01-05T10:00:00.000Z';

function at(minutes: number): string {
  return new Date(Date.parse(OPENED) + minutes * 60_000).toISOString();
}

/** An incident that was first diagnosed when it opened. */
function record(given: Partial<IncidentRecord> = {}): IncidentRecord {
  const fresh = newRecord(
    {
      id: 'abcdefgh',
      fingerprint: 'f',
      family: 'throttle',
      resource: VAULT,
      openedAt: OPENED,
      severity: 3,
      verified: true,
    },
    OPENED,
  );
  return { ...fresh, ledger: [...fresh.ledger, { at: OPENED, step: 'diagnosed' }], ...given };
}

function finding(kind: string, verdict: Finding['verdict'] = 'likely', explains = 0.5): Finding {
  return { kind, verdict, role: 'trigger', confidence: 0.5, explains, victims: [], facts: [], summary: 's', fixes: [] };
}

/** What was read when the metrics were done with everything before `closed` minutes after the incident opened. */
function evidence({ completeness = 1 as number | null, closed = 1, unread = false } = {}): Evidence {
  const head = { window: 'incident', readAt: OPENED } as const;
  const fromMinute = Date.parse(OPENED) / 60_000 - 10;
  const perMinute = Array.from({ length: 10 + closed + 5 }, () => 10);
  const series = {
    resource: VAULT.id,
    metric: 'ServiceApiResult',
    split: '200',
    fromMinute,
    perMinute,
    given: perMinute.map(() => 1),
  };
  const readings: Reading[] = [
    { ...head, kind: 'callers', store: 'logs', state: 'read', rows: [], truncated: false, completeness },
    { ...head, kind: 'results', store: 'metrics', state: 'read', rows: [series], truncated: false, completeness: null },
  ];
  if (unread)
    readings.push({
      ...head,
      kind: 'changes',
      store: 'graph',
      state: 'unavailable',
      why: 'throttled',
      nextStep: 'wait',
    });
  return { resource: VAULT, from: at(-10), to: at(closed + 5), readings };
}

function made(given: Partial<Made> = {}): Made {
  return { isCovered: true, evidence: evidence(), findings: [], runMinutes: 6, now: at(6), ...given };
}

const PLANNED = { planned: [1, 3, 6, 10, 20], done: [1, 3] };

test('the first diagnosis plans all runs', () => {
  const { ledger } = record();
  const fresh = record({ ledger: ledger.slice(0, 1) });
  expect(runsAfter(fresh, made({ runMinutes: undefined, now: OPENED }))).toEqual({
    runs: { planned: [1, 3, 6, 10, 20], done: [] },
    further: [1, 3, 6, 10, 20],
  });
});

test('nothing is planned where no store holds anything, and a replay is done all the same', () => {
  const { runs, further } = runsAfter(record(), made({ isCovered: false }));
  expect([runs, further]).toEqual([{ planned: [], done: [6] }, []]);
});

describe('what is planned is dropped', () => {
  test.each<[string, Partial<Made>, Partial<IncidentRecord>, boolean]>([
    ['when all of the load is there and the answer is the same', {}, {}, true],
    ['not while some of it is missing', { evidence: evidence({ completeness: 0.949 }) }, {}, false],
    ['from 95 % on', { evidence: evidence({ completeness: 0.95 }) }, {}, true],
    ['not while nobody knows how much is missing', { evidence: evidence({ completeness: null }) }, {}, false],
    ['not while the metrics are not done with when it opened', { evidence: evidence({ closed: -1 }) }, {}, false],
    ['once they are', { evidence: evidence({ closed: 0 }) }, {}, true],
    ['not while a store that was busy is to be asked again', { evidence: evidence({ unread: true }) }, {}, false],
    [
      'not when another cause is found',
      { findings: [finding('polling')] },
      { findings: [finding('retry-storm')] },
      false,
    ],
    [
      'not when it has become surer',
      { findings: [finding('polling', 'confirmed')] },
      { findings: [finding('polling')] },
      false,
    ],
    [
      'when only its numbers have changed',
      { findings: [finding('polling', 'likely', 0.7)] },
      { findings: [finding('polling')] },
      true,
    ],
  ])('%s', (_when, given, known, dropped) => {
    expect(runsAfter(record({ runs: PLANNED, ...known }), made(given))).toEqual({
      runs: dropped
        ? { planned: [1, 3, 6], done: [1, 3, 6], dropped: [10, 20] }
        : { planned: PLANNED.planned, done: [1, 3, 6] },
      further: [],
    });
  });

  test('not while the metrics are not done with what happened last', () => {
    const { episode } = record();
    const event = { at: at(2) } as (typeof episode.events)[number];
    const known = record({ runs: PLANNED, episode: { ...episode, events: [event] } });
    const runs = (closed: number) => runsAfter(known, made({ evidence: evidence({ closed }) })).runs.planned;
    expect([runs(1), runs(2)]).toEqual([PLANNED.planned, [1, 3, 6]]);
  });
});

describe('when no run is left', () => {
  const ALL = { planned: [1, 3, 6], done: [1, 3, 6] };
  const partial = evidence({ completeness: 0.5 });

  test.each<[string, Partial<Made>, readonly number[]]>([
    [
      'something new has its log read again twice',
      { runMinutes: undefined, now: at(30.2), evidence: partial },
      [34, 41],
    ],
    ['something new is not read again where nothing is to come', { runMinutes: undefined, now: at(30) }, []],
    ['the last run was the last', { runMinutes: 6, evidence: partial }, []],
    ['a store that was busy is asked after twice the time', { evidence: evidence({ unread: true }) }, [12]],
    ['nothing is read again after a day', { runMinutes: undefined, now: at(1_438), evidence: partial }, []],
  ])('%s', (_what, given, further) => {
    expect(runsAfter(record({ runs: ALL }), made(given))).toEqual({
      runs: { planned: [...ALL.planned, ...further], done: ALL.done },
      further,
    });
  });

  test('what was dropped is planned anew where something new falls on it', () => {
    const dropped = record({ runs: { planned: [1, 3, 6], done: [1, 3, 6], dropped: [10, 20] } });
    const { runs } = runsAfter(dropped, made({ runMinutes: undefined, now: at(7), evidence: partial }));
    expect(runs).toEqual({ planned: [1, 3, 6, 10, 17], done: [1, 3, 6], dropped: [20] });
  });

  test('a store that stays down is asked for a day', () => {
    const down = made({ evidence: evidence({ unread: true }) });
    const last = (minutes: number) =>
      runsAfter(record({ runs: { planned: [minutes], done: [6, minutes] } }), down).further;
    expect([last(720), last(721)]).toEqual([[1_440], []]);
  });
});
