import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { completenessOf, leastCompleteness, withCompleteness } from '../../../shared/evidence/completeness.ts';
import type { Evidence, Reading, Row, Window } from '../../../shared/model.ts';
import { VAULT } from './kit.ts';

const FROM_MINUTE = 29_500_000;
const DAY_MINUTES = 1_440;

/** Requests a minute by status. */
type Counts = Record<number, number[]>;

function reading(kind: string, rows: Row[], { store = 'logs', window = 'incident' as Window } = {}): Reading {
  return {
    kind,
    store,
    window,
    readAt: '2026-01-05T10:00:00.000Z',
    state: 'read',
    rows,
    truncated: false,
    completeness: null,
  };
}

function fromMinuteOf(window: Window): number {
  return FROM_MINUTE - (window === 'day-before' ? DAY_MINUTES : window === 'week-before' ? 7 * DAY_MINUTES : 0);
}

/** What the metric counted; the last five minutes may still grow, so they are given as well. */
function metric(counts: Counts, window: Window = 'incident'): Reading {
  const rows = Object.entries(counts).map(([status, perMinute]) => ({
    resource: VAULT.id,
    metric: 'ServiceApiResult',
    split: status,
    fromMinute: fromMinuteOf(window),
    perMinute: [...perMinute, ...Array.from({ length: 5 }, () => (status === '429' ? 0 : 999))],
    given: perMinute.map(() => 1),
  }));
  return reading('results', rows, { store: 'azure-metrics', window });
}

function log(counts: Counts, window: Window = 'incident', store = 'logs'): Reading {
  const rows = Object.entries(counts).flatMap(([status, perMinute]) =>
    perMinute.map((requests, i) => ({ status: Number(status), minute: fromMinuteOf(window) + i, requests })),
  );
  return reading('answered', rows, { store, window });
}

function evidence(...readings: Reading[]): Evidence {
  return { resource: VAULT, from: '2026-01-05T10:00:00.000Z', to: '2026-01-05T11:00:00.000Z', readings };
}

describe('how complete a log is', () => {
  const yesterday = [metric({ 200: [100, 100] }, 'day-before'), log({ 200: [100, 100] }, 'day-before')];

  test.each<[string, Reading[], number | null]>([
    ['nothing has arrived', [metric({ 200: [100, 100] }), log({}), ...yesterday], 0],
    ['half has arrived', [metric({ 200: [100, 100] }), log({ 200: [100] }), ...yesterday], 0.5],
    ['all has arrived', [metric({ 200: [100, 100] }), log({ 200: [100, 100] }), ...yesterday], 1],
    ['the log holds more than was counted', [metric({ 200: [100] }), log({ 200: [130] }), ...yesterday], 1],
    [
      'the log never holds more than four fifths',
      [
        metric({ 200: [100] }),
        log({ 200: [80] }),
        metric({ 200: [50] }, 'day-before'),
        log({ 200: [40] }, 'day-before'),
      ],
      1,
    ],
    [
      'one status has arrived and the other has not, weighed by what was counted',
      [metric({ 200: [100], 429: [300] }), log({ 200: [100] }), ...yesterday],
      0.25,
    ],
    [
      'much of one status does not make up for what lacks of another',
      [metric({ 200: [100], 429: [100] }), log({ 200: [200] }), ...yesterday],
      0.5,
    ],
    [
      'a status was never in the log',
      [
        metric({ 200: [100], 401: [100] }),
        log({ 200: [100] }),
        metric({ 200: [100], 401: [100] }, 'day-before'),
        log({ 200: [100] }, 'day-before'),
      ],
      1,
    ],
    [
      'a status is new, and is held against what the log usually has of all',
      [
        metric({ 429: [100] }),
        log({ 429: [40] }),
        metric({ 200: [100] }, 'day-before'),
        log({ 200: [80] }, 'day-before'),
      ],
      0.5,
    ],
    ['no other day is known', [metric({ 200: [100] }), log({ 200: [40] })], 0.4],
    [
      'yesterday had no log, and a week ago had',
      [
        metric({ 200: [100] }),
        log({ 200: [40] }),
        metric({ 200: [100] }, 'day-before'),
        log({}, 'day-before'),
        metric({ 200: [100] }, 'week-before'),
        log({ 200: [80] }, 'week-before'),
      ],
      0.5,
    ],
    [
      'yesterday is too little to go by',
      [
        metric({ 200: [100] }),
        log({ 200: [40] }),
        metric({ 200: [19] }, 'day-before'),
        log({ 200: [10] }, 'day-before'),
      ],
      0.4,
    ],
    ['there is no metric', [log({ 200: [100] }), ...yesterday], null],
    ['the metric counted nothing', [metric({ 200: [0, 0] }), log({ 200: [100] }), ...yesterday], null],
    ['no minute is closed', [metric({ 200: [] }), log({ 200: [100] }), ...yesterday], null],
    ['the log could not be read', [metric({ 200: [100] }), ...yesterday], null],
  ])('when %s', (_when, readings, expected) => {
    const completeness = completenessOf(evidence(...readings), 'logs');
    if (expected === null) expect(completeness).toBe(null);
    else expect(completeness).toBeCloseTo(expected, 10);
  });

  test('does not count what lies in minutes that may still grow', () => {
    const late = log({ 200: [50, 0, 0, 0, 0, 0, 700] });
    expect(completenessOf(evidence(metric({ 200: [100] }), late), 'logs')).toBe(0.5);
  });

  test('counts minutes that may still grow where something was refused in them: the answer is about these', () => {
    const open = metric({ 200: [100], 429: [0] });
    const counted: Reading = {
      ...open,
      state: 'read',
      rows:
        open.state !== 'read'
          ? []
          : open.rows.map((row) => ({
              ...row,
              perMinute: row['split'] === '429' ? [0, 0, 50, 0, 0, 0] : [100, 0, 50, 0, 0, 0],
            })),
      truncated: false,
      completeness: null,
    };
    expect(completenessOf(evidence(counted, log({ 200: [100] })), 'logs')).toBe(0.5);
    expect(completenessOf(evidence(counted, log({ 200: [100, 0, 50], 429: [0, 0, 50] })), 'logs')).toBe(1);
  });

  test('is held against what the log was asked about of another day, and no more', () => {
    const minuteMs = 60_000;
    const fromMs = fromMinuteOf('day-before') * minuteMs;
    const row = {
      fromMs,
      toMs: fromMs + minuteMs,
      requests: 80,
      firstMs: fromMs,
      lastMs: fromMs,
      ...{
        unattributed: 0,
        inferred: 0,
        withoutStatus: 0,
        unreadable: 0,
        duplicates: 0,
        skippedFiles: 0,
        oneAddressIn: 1,
      },
    };
    const asked = [
      metric({ 200: [100, 100] }, 'day-before'),
      log({ 200: [80] }, 'day-before'),
      reading('coverage', [row], { window: 'day-before' }),
    ];
    expect(completenessOf(evidence(metric({ 200: [100] }), log({ 200: [40] }), ...asked), 'logs')).toBe(0.5);
  });

  test('is between 0 and 1, and never falls as more of the log arrives', () => {
    const count = fc.integer({ min: 0, max: 500 });
    const counts = fc.record({
      200: fc.array(count, { minLength: 3, maxLength: 3 }),
      429: fc.array(count, { minLength: 3, maxLength: 3 }),
    });
    fc.assert(
      fc.property(counts, counts, counts, counts, counts, (counted, held, more, countedThen, heldThen) => {
        const other = [metric(countedThen, 'day-before'), log(heldThen, 'day-before')];
        const at = (holds: Counts): number | null =>
          completenessOf(evidence(metric(counted), log(holds), ...other), 'logs');
        const grown = {
          200: held[200].map((n, i) => n + (more[200][i] ?? 0)),
          429: held[429].map((n, i) => n + (more[429][i] ?? 0)),
        };
        const [before, after] = [at(held), at(grown)];
        if (before === null || after === null) return before === after;
        return before >= 0 && after <= 1 && after >= before;
      }),
      { numRuns: 200 },
    );
  });
});

describe('readings with their completeness', () => {
  const measured = withCompleteness(
    evidence(
      metric({ 200: [100] }),
      log({ 200: [60] }),
      reading('callers', []),
      reading('callers', [], { window: 'day-before' }),
      log({ 200: [90] }, 'incident', 'files'),
      reading('callers', [], { store: 'files' }),
    ),
  );

  test('are those of the incident that a log gave, each by its own store', () => {
    expect(
      measured.readings.map(({ kind, store, window, ...rest }) => [
        kind,
        store,
        window,
        'completeness' in rest && rest.completeness,
      ]),
    ).toEqual([
      ['results', 'azure-metrics', 'incident', null],
      ['answered', 'logs', 'incident', 0.6],
      ['callers', 'logs', 'incident', 0.6],
      ['callers', 'logs', 'day-before', null],
      ['answered', 'files', 'incident', 0.9],
      ['callers', 'files', 'incident', 0.9],
    ]);
  });

  test('are as complete as the least of them', () => {
    expect(leastCompleteness(measured)).toBe(0.6);
    expect(leastCompleteness(evidence(reading('callers', [])))).toBe(null);
  });
});
