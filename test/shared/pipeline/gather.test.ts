import { describe, expect, test } from 'vitest';
import { HeadroomError } from '../../../shared/errors.ts';
import type { Evidence, Reading, Resource } from '../../../shared/model.ts';
import { gather } from '../../../shared/pipeline/gather.ts';
import type { EvidenceReader, EvidenceRequest } from '../../../shared/ports.ts';
import { EVIDENCE_KINDS } from '../../../shared/registry.ts';
import { fakeClock } from '../../kit.ts';
import { FROM, gatherFrom, line, TO, VAULT, withFiles } from '../evidence/kit.ts';

const REQUEST = { resource: VAULT, from: FROM, to: TO };

/** What a log can be asked: the others have stores of their own. */
const OF_LOGS = EVIDENCE_KINDS.filter(({ sql }) => sql !== undefined).map(({ kind }) => kind);

/** A store that answers as it is told. */
function store(read: EvidenceReader['read'], given: Partial<EvidenceReader> = {}): EvidenceReader {
  return { store: 'fake', language: 'sql', covers: () => true, read, ...given };
}

function unavailable(evidence: Evidence): Set<string> {
  return new Set(
    evidence.readings.map((reading) =>
      reading.state === 'unavailable' ? `${reading.why}: ${reading.nextStep}` : reading.state,
    ),
  );
}

function answers(request: EvidenceRequest, rows: Extract<Reading, { state: 'read' }>['rows']): Reading[] {
  return request.query.statements.map(({ kind, window }) => ({
    kind,
    store: 'fake',
    window: window ?? request.window,
    readAt: FROM,
    state: 'read',
    rows,
    truncated: false,
    completeness: null,
  }));
}

describe('a store that fails', () => {
  test.each([
    [
      'denied',
      new HeadroomError('denied', 'missing role', { nextStep: 'Give role X on Y' }),
      'denied: Give role X on Y',
    ],
    ['dead', new HeadroomError('unavailable', 'the store is down'), 'unreachable: the store is down'],
    ['throttled', new HeadroomError('throttled', 'too many queries'), 'throttled: too many queries'],
    ['too large', new HeadroomError('too-large', 'too many rows'), 'over-budget: too many rows'],
    ['not configured', new HeadroomError('configuration', 'no workspace'), 'not-configured: no workspace'],
    [
      'broken in a way of its own',
      new TypeError('x is not a function'),
      'unreachable: The store failed; it is asked again with the next run',
    ],
  ])('because it is %s makes every kind unavailable, with the next step', async (_what, error, expected) => {
    const evidence = await gather({ readers: [store(() => Promise.reject(error))], clock: fakeClock() }, REQUEST);
    expect(unavailable(evidence)).toEqual(new Set([expected]));
    expect(evidence.readings.map(({ kind }) => kind)).toEqual(OF_LOGS);
  });

  test('because it is slow is left alone when its time is up, and told to stop', async () => {
    const clock = fakeClock();
    let stopped = false;
    const slow = store(
      (_request, signal) =>
        new Promise(() => {
          signal?.addEventListener('abort', () => {
            stopped = true;
          });
        }),
    );
    const gathered = gather({ readers: [slow], clock }, { ...REQUEST, timeoutMs: 5_000 });
    clock.advance(5_000);
    expect(unavailable(await gathered)).toEqual(
      new Set(['timed-out: The store did not answer within 5 s: it is asked again with the next run']),
    );
    expect(stopped).toBe(true);
  });

  test('does not keep another from answering', async () => {
    await withFiles({ 'a.json': line({ at: 1 }) }, async (folder) => {
      const { readings } = await gatherFrom([folder], { kinds: ['timeline'] });
      const good = store(() => Promise.resolve(readings), { store: 'good' });
      const evidence = await gather(
        { readers: [store(() => Promise.reject(new Error('dead'))), good], clock: fakeClock() },
        { ...REQUEST, kinds: ['timeline'] },
      );
      expect(
        evidence.readings
          .filter(({ kind }) => kind === 'timeline')
          .map(({ state }) => state)
          .sort(),
      ).toEqual(['read', 'unavailable']);
    });
  });
});

test('a caller that stops waiting gets what a slow store would give', async () => {
  const stop = new AbortController();
  const gathered = gather(
    { readers: [store(() => new Promise(() => undefined))], clock: fakeClock() },
    REQUEST,
    stop.signal,
  );
  stop.abort();
  expect([...unavailable(await gathered)][0]).toMatch(/^timed-out/);
  const late = await gather(
    { readers: [store(() => new Promise(() => undefined))], clock: fakeClock() },
    REQUEST,
    stop.signal,
  );
  expect([...unavailable(late)][0]).toMatch(/^timed-out/);
});

test.each<[string, Resource, RegExp]>([
  ['a vault', VAULT, /^not-configured: Turn on a diagnostic setting of kv-contoso .* AuditEvent .* --logs$/],
  [
    'another type',
    { ...VAULT, type: 'microsoft.web/sites' },
    /^not-configured: No log store is known for resources of type microsoft\.web\/sites/,
  ],
  [
    'an alert that names none',
    { ...VAULT, cloud: 'other', type: 'unknown' },
    /^not-configured: The alert names no resource/,
  ],
])('says for %s how logs would come to be read when no store covers it', async (_what, resource, expected) => {
  const reader = store(() => Promise.reject(new Error('must not be asked')), { covers: () => false });
  const evidence = await gather({ readers: [reader], clock: fakeClock() }, { ...REQUEST, resource });
  expect(evidence.readings).toHaveLength(OF_LOGS.length);
  expect([...unavailable(evidence)]).toEqual([expect.stringMatching(expected)]);
});

test('a store whose language no kind is written in is not asked', async () => {
  const reader = store(() => Promise.reject(new Error('must not be asked')), { language: 'opensearch' });
  expect([...unavailable(await gather({ readers: [reader], clock: fakeClock() }, REQUEST))]).toEqual([
    'unsupported: The store fake cannot answer this: add a store that can',
  ]);
});

test('a store of metrics is no log, and owes none of what only a log can tell', async () => {
  const metrics = store((request) => Promise.resolve(answers(request, [])), { language: 'azure-metrics' });
  const evidence = await gather({ readers: [metrics], clock: fakeClock() }, REQUEST);
  const read = evidence.readings.filter(({ state }) => state === 'read');
  expect(new Set(read.map(({ kind, window }) => `${kind} ${window}`))).toEqual(
    new Set(['results incident', 'results day-before', 'results week-before', 'siblings incident']),
  );
  const missing = evidence.readings.filter(({ state }) => state === 'unavailable');
  expect(missing.map(({ kind, store: of }) => `${kind} ${of}`)).toEqual(OF_LOGS.map((kind) => `${kind} none`));
  expect(unavailable({ ...evidence, readings: missing })).toEqual(
    new Set([expect.stringMatching(/^not-configured: .*kv-contoso/)]),
  );
});

test('what keeps no audit log is not missed one where anything else tells of it', async () => {
  const metrics = store((request) => Promise.resolve(answers(request, [])), { language: 'azure-metrics' });
  const resource = { ...VAULT, type: 'microsoft.web/sites' };
  const signals = [{ metric: 'Requests', namespace: resource.type, aggregation: 'Total', dimensions: {} }];
  const told = await gather({ readers: [metrics], clock: fakeClock() }, { ...REQUEST, resource, signals });
  expect(told.readings.map(({ kind, state }) => `${kind} ${state}`)).toEqual(['metric-series read']);
  const untold = await gather({ readers: [metrics], clock: fakeClock() }, { ...REQUEST, resource });
  expect([...unavailable(untold)]).toEqual([expect.stringMatching(/^not-configured: No log store is known/)]);
});

test('nothing that an audit log tells is asked about a store of configuration, which keeps none', async () => {
  const asked: EvidenceRequest[] = [];
  const reader = store((request) => {
    asked.push(request);
    return Promise.resolve([]);
  });
  const resource = { ...VAULT, type: 'Microsoft.AppConfiguration/configurationStores' };
  expect((await gather({ readers: [reader], clock: fakeClock() }, { ...REQUEST, resource })).readings).toEqual([]);
  expect(asked).toEqual([]);
});

test('each store is asked once, for all kinds and windows together', async () => {
  const asked: EvidenceRequest[] = [];
  const reader = store((request) => {
    asked.push(request);
    return Promise.resolve([]);
  });
  await gather({ readers: [reader], clock: fakeClock() }, REQUEST);
  expect(asked).toHaveLength(1);
  expect(new Set(asked[0]?.query.statements.map(({ kind }) => kind))).toEqual(new Set(OF_LOGS));
});

test('rows that are not what the kind says are not passed on', async () => {
  const reader = store((request) => Promise.resolve(answers(request, [{ surprise: 1 }])));
  const evidence = await gather({ readers: [reader], clock: fakeClock() }, REQUEST);
  expect([...unavailable(evidence)]).toEqual([
    expect.stringMatching(/^unsupported: The store fake answered in a shape/),
  ]);
});

describe('a baseline', () => {
  const DAY_S = 86_400;
  const steady = (from: number, seconds: number): string[] =>
    Array.from({ length: seconds / 10 }, (_, index) => line({ at: from + index * 10 }));
  const incident = [line({ at: 700, status: 429 }), line({ at: 701 })];

  test.each([
    ['the same time a day before', steady(-DAY_S, 1200), ['day-before']],
    ['the same time a week before', steady(-7 * DAY_S, 1200), ['week-before']],
    ['the hour before the first refusal', steady(-2400, 2700), ['hour-before']],
    [
      'both days and the hour',
      [...steady(-DAY_S, 1200), ...steady(-7 * DAY_S, 1200), ...steady(-2400, 2700)],
      ['day-before', 'hour-before', 'week-before'],
    ],
    ['nothing before', [], []],
    ['too few requests to be a state', [line({ at: -DAY_S }), line({ at: -DAY_S + 1100 })], []],
    ['too short a time to be a state', Array.from({ length: 50 }, (_, index) => line({ at: -DAY_S + index })), []],
  ])('is %s where the files hold it', async (_what, before, windows) => {
    await withFiles({ 'a.json': [...before, ...incident].join('\n') }, async (folder) => {
      const { readings } = await gatherFrom([folder]);
      const held = readings.filter(({ kind, window }) => kind === 'callers' && window !== 'incident');
      expect(held.map(({ window }) => window).sort()).toEqual(windows);
    });
  });
});

describe('what was read of other days before', () => {
  const DAY = '2026-01-04T10:00:00.000Z';
  const known: Reading = {
    kind: 'callers',
    store: 'logs',
    window: 'day-before',
    readAt: DAY,
    state: 'read',
    rows: [],
    truncated: false,
    completeness: null,
  };

  function asking(): { reader: EvidenceReader; windows: () => Set<string> } {
    const windows = new Set<string>();
    const reader = store(
      async (request) => {
        for (const { window = 'incident' } of request.query.statements) windows.add(window);
        return [];
      },
      { store: 'logs', language: 'kql' },
    );
    return { reader, windows: () => windows };
  }

  test('stands again, and the store is asked for the incident alone', async () => {
    const { reader, windows } = asking();
    const baselines = new Map([['logs', [known]]]);
    const { readings } = await gather({ readers: [reader], clock: fakeClock() }, { ...REQUEST, baselines });
    expect(windows()).toEqual(new Set(['incident', 'hour-before']));
    expect(readings).toContainEqual(known);
  });

  test.each([
    ['of another store', new Map([['files', [known]]])],
    ['of none', undefined],
  ])('%s has them asked for', async (_what, baselines) => {
    const { reader, windows } = asking();
    const { readings } = await gather(
      { readers: [reader], clock: fakeClock() },
      { ...REQUEST, ...(baselines && { baselines }) },
    );
    expect(windows()).toEqual(new Set(['incident', 'hour-before', 'day-before', 'week-before']));
    expect(readings).not.toContainEqual(known);
  });
});
