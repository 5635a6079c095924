import { describe, expect, test } from 'vitest';
import type { Reading, Row } from '../../../shared/model.ts';
import type { AlertReadBack, EvidenceReader } from '../../../shared/ports.ts';
import { fakeChat } from './chat.ts';
import {
  azureAlert,
  createWorld,
  incidentsOf,
  moveOn,
  POLICY,
  pass,
  receive,
  settle,
  theIncident,
  vaultId,
  type World,
  workOff,
} from './kit.ts';

const FIRED = azureAlert({ firedAt: '2026-11-20T13:59:30Z' });
const AT = '2026-11-20T14:00:00.000Z';
const APP = '2f56dff0-0000-4000-8000-000000000001';

type Store = EvidenceReader & { asked: { from: string; to: string; kinds: string[] }[]; answer(): void };

/** A store that gives these rows by kind; `patient`: only once it is told to. */
function store(
  name: string,
  language: EvidenceReader['language'],
  rows: (kind: string, from: string) => Row[],
  { patient = false } = {},
): Store {
  let release = (): void => undefined;
  const made: Store = {
    store: name,
    language,
    covers: () => true,
    asked: [],
    answer: () => release(),
    async read({ query, from, to }) {
      made.asked.push({
        from,
        to,
        kinds: query.statements.map(({ kind, window }) => `${kind} ${window ?? 'incident'}`),
      });
      if (patient)
        await new Promise<void>((resolve) => {
          release = resolve;
        });
      return query.statements.map(
        ({ kind, window = 'incident' }): Reading => ({
          kind,
          store: name,
          window,
          readAt: AT,
          state: 'read',
          rows: window === 'incident' ? rows(kind, from) : [],
          truncated: false,
          completeness: null,
        }),
      );
    },
  };
  return made;
}

function metrics(options = {}): Store {
  const fromMinute = Date.parse('2026-11-20T13:50:00Z') / 60_000;
  const series = {
    resource: vaultId('kv-contoso'),
    metric: 'ServiceApiResult',
    fromMinute,
    given: Array.from({ length: 10 }, () => 1),
  };
  const rows = [
    { ...series, split: '200', perMinute: Array.from({ length: 10 }, () => 300) },
    { ...series, split: '429', perMinute: [0, 0, 0, 0, 0, 0, 0, 40, 80, 64] },
  ];
  return store('metrics', 'azure-metrics', (kind) => (kind === 'results' ? rows : []), options);
}

function callerRow(given: Record<string, unknown>): Row {
  return {
    caller: APP,
    kind: 'application',
    appId: APP,
    objectId: null,
    name: null,
    client: null,
    requests: 0,
    served: 0,
    forbidden: 0,
    notFound: 0,
    refused: 0,
    failed: 0,
    addresses: 1,
    targets: 1,
    perTargetAndAddress: 1,
    peak10s: 1,
    firstMs: 0,
    lastMs: 0,
    ...given,
  };
}

const LAST_HOUR = '2026-11-20T13:00:00.000Z';

/** Knows who asked in the last complete hour, and nothing yet of the incident. */
function log(given: { rows?: Row[]; patient?: boolean } = {}): Store {
  const {
    rows = [
      callerRow({ requests: 610 }),
      callerRow({ caller: 'ann@example.org', kind: 'user', name: 'ann@example.org', requests: 200 }),
      callerRow({ caller: 'x', requests: 40 }),
    ],
  } = given;
  const isHour = (from: string): boolean => from.endsWith(':00:00.000Z');
  const held = {
    toMs: 0,
    fromMs: 0,
    requests: 1_000,
    firstMs: 0,
    lastMs: 0,
    unattributed: 0,
    inferred: 0,
    withoutStatus: 0,
    unreadable: 0,
    duplicates: 0,
    skippedFiles: 0,
    oneAddressIn: 1,
  };
  const nothing = { ...held, requests: 0, firstMs: null, lastMs: null };
  return store(
    'logs',
    'kql',
    (kind, from) =>
      kind === 'coverage' ? [isHour(from) ? held : nothing] : kind === 'callers' && isHour(from) ? rows : [],
    given,
  );
}

async function notesOf(world: World): Promise<string[]> {
  return (await theIncident(world)).notes.map(({ text }) => text);
}

const HISTORY =
  'History, not this incident yet: from 13:00 UTC to 14:00 UTC most was asked by app 2f56dff0 (61 %), a user (20 %).';

describe('the first message', () => {
  test('has the metrics of the last minutes and who led the last complete hour, and is one', async () => {
    const chat = fakeChat();
    const world = createWorld([chat], { readers: [log(), metrics()] });
    await receive(world, FIRED);
    const sent: string[] = [];
    const post = chat.post.bind(chat);
    chat.post = (rendered, signal) => {
      sent.push(JSON.stringify(rendered.body));
      return post(rendered, signal);
    };
    await workOff(world);
    expect(sent).toHaveLength(1);
    expect(sent[0]).toContain('counts 184 of 3,184 requests refused (429)');
    expect(sent[0]).toContain('61 %');
    expect((await theIncident(world)).ledger.map(({ step }) => step)).toEqual([
      'received',
      'claimed',
      'posted',
      'diagnosed',
      'edited',
    ]);
    expect((await theIncident(world)).severity).toBe(1);
  });

  test('names who led by the resource whose identity it is, where that is known in time', async () => {
    const owner = {
      ...{ asked: APP, how: 'system', resource: '/subscriptions/s/site', name: 'checkout-web', type: 'x' },
      ...{ location: 'x', resourceGroup: 'x', owner: '', team: '' },
    };
    const graph = (options = {}) =>
      store('graph', 'resource-graph', (kind) => (kind === 'owners' ? [owner] : []), options);
    const named = createWorld([fakeChat()], { readers: [log(), graph()] });
    await receive(named, FIRED);
    await workOff(named);
    expect((await notesOf(named))[0]).toContain('most was asked by checkout-web (61 %)');

    const chat = fakeChat();
    const late = createWorld([chat], { readers: [log(), graph({ patient: true })] });
    await receive(late, FIRED);
    void workOff(late);
    await settle();
    await moveOn(late.clock, 1_500);
    await settle();
    expect(chat.calls).toEqual(['post 2']);
    expect((await notesOf(late))[0]).toBe(HISTORY);
  });

  test('waits four seconds for them and no longer', async () => {
    const chat = fakeChat();
    const world = createWorld([chat], { readers: [metrics({ patient: true })] });
    await receive(world, FIRED);
    void workOff(world);
    await settle();
    expect(chat.calls).toEqual([]);
    await moveOn(world.clock, 3_999);
    await settle();
    expect(chat.calls).toEqual([]);
    await moveOn(world.clock, 1);
    await settle();
    expect(chat.calls).toEqual(['post 1']);
  });

  test('says nothing of a resource because of an alert that nobody knows', async () => {
    const stranger: AlertReadBack = { source: 'azure', read: async () => null };
    const [logs, counts] = [log(), metrics()];
    const world = createWorld([fakeChat()], { readers: [logs, counts], readBacks: [stranger] });
    await receive(world, FIRED);
    await workOff(world);
    expect([logs.asked, counts.asked]).toEqual([[], []]);
  });

  test('says nothing of a resource that may not be read', async () => {
    const counts = metrics();
    const world = createWorld([fakeChat()], { readers: [counts], policy: { ...POLICY, mayRead: () => false } });
    await receive(world, FIRED);
    await workOff(world);
    expect(counts.asked).toEqual([]);
  });

  test('goes out at once where so many open that reading has to wait', async () => {
    const chat = fakeChat();
    const counts = metrics();
    const levels = { ...createWorld([]).deps.levels, read: async () => ({ waitMs: 30_000 }) };
    const world = createWorld([chat], { readers: [counts], levels });
    await receive(world, FIRED);
    await workOff(world);
    expect(chat.calls).toEqual(['post 1']);
    expect(counts.asked).toEqual([]);
  });
});

describe('what was seen at a glance', () => {
  test('is not asked of the metrics again by the diagnosis that follows, and is from then on', async () => {
    const counts = metrics();
    const world = createWorld([fakeChat()], { readers: [counts] });
    await receive(world, FIRED);
    await workOff(world);
    expect(counts.asked).toHaveLength(1);
    await pass(world, 1);
    expect(counts.asked).toHaveLength(2);
    expect((await theIncident(world)).queries).toBe(2);
  });

  test('stands as history until the log of the incident names somebody', async () => {
    const logs = log();
    const world = createWorld([fakeChat()], { readers: [logs] });
    await receive(world, FIRED);
    await workOff(world);
    expect((await notesOf(world))[0]).toBe(HISTORY);
    const named = store('logs', 'kql', (kind) => (kind === 'callers' ? [callerRow({ requests: 5 })] : []));
    world.deps = { ...world.deps, readers: [named] };
    await pass(world, 1);
    expect((await notesOf(world)).join()).not.toContain('History');
  });

  test('is asked for once for each resource and hour', async () => {
    const logs = log();
    const world = createWorld([fakeChat()], { readers: [logs] });
    const hours = (): string[] => logs.asked.flatMap(({ from, kinds }) => (kinds.length === 2 ? [from] : []));
    await receive(world, FIRED);
    await workOff(world);
    await receive(world, azureAlert({ firedAt: '2026-11-20T13:59:40Z', custom: { headroom_family: 'availability' } }));
    await workOff(world);
    expect(await incidentsOf(world)).toHaveLength(2);
    expect(hours()).toEqual([LAST_HOUR]);
    world.clock.advance(3_600_000);
    await receive(world, azureAlert({ firedAt: '2026-11-20T14:59:40Z', custom: { headroom_family: 'identity' } }));
    await workOff(world);
    expect(hours()).toEqual([LAST_HOUR, '2026-11-20T14:00:00.000Z']);
  });

  test('names people by what they are alone, also where it is kept', async () => {
    const world = createWorld([fakeChat()], { readers: [log()] });
    await receive(world, FIRED);
    await workOff(world);
    const names = await world.deps.payloads.olderThan('2027-01-01T00:00:00.000Z', 100);
    const kept = await Promise.all(
      names.filter((name) => name.includes('leaders')).map((name) => world.deps.payloads.get(name)),
    );
    expect(kept).toHaveLength(1);
    expect(Buffer.from(kept[0] ?? []).toString()).not.toContain('ann@example.org');
  });

  test.each([
    ['nobody asked', [] as Row[]],
    ['nobody leads', [callerRow({ requests: 49 })]],
  ])('says nothing of an hour in which %s', async (_what, rows) => {
    const world = createWorld([fakeChat()], { readers: [log({ rows })] });
    await receive(world, FIRED);
    await workOff(world);
    expect((await notesOf(world)).join()).not.toContain('History');
  });
});
