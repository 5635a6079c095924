import { describe, expect, test } from 'vitest';
import type { IncidentRecord } from '../../../shared/incidents/record.ts';
import { deliveryOf, getIncident, lineOf, listInbox, listIncidents, viewOf } from '../../../shared/pipeline/read.ts';
import { fakeChat } from './chat.ts';
import { azureAlert, createWorld, inboxOf, moveOn, receive, theIncident, type World, workOff } from './kit.ts';

const HOUR_MS = 3_600_000;

async function taken(world: World, vaults: string[], rule = 'kv-throttled'): Promise<string[]> {
  const firedAt = new Date(world.clock.now() - 60_000).toISOString();
  const received = await receive(world, azureAlert({ firedAt, vaults, rule }));
  await workOff(world);
  if (!received.ok) throw new Error(received.error);
  return received.incidents;
}

const idsOf = ({ incidents }: { incidents: IncidentRecord[] }): string[] => incidents.map(({ id }) => id);

describe('how far an incident has come', () => {
  async function incident(): Promise<IncidentRecord> {
    const world = createWorld([fakeChat()]);
    await taken(world, ['kv-a']);
    return theIncident(world);
  }

  test.each<[string, (whole: IncidentRecord) => IncidentRecord, string]>([
    ['diagnosed', (whole) => whole, 'diagnosed'],
    ['posted, not diagnosed', ({ diagnosedAt: _, ...rest }) => rest, 'posted'],
    [
      'diagnosed, and posted nowhere',
      (whole) => ({ ...whole, effects: [], ledger: whole.ledger.filter(({ step }) => step !== 'posted') }),
      'claimed',
    ],
    ['known and no more', (whole) => ({ ...whole, effects: [], ledger: [] }), 'received'],
  ])('%s', async (_what, change, delivery) => {
    expect(deliveryOf(change(await incident()))).toBe(delivery);
  });

  test('is shown without what is of use inside only', async () => {
    const record = await incident();
    const view = viewOf(record);
    expect(view).toMatchObject({
      id: record.id,
      delivery: 'diagnosed',
      alerts: [{ outcome: 'posted', state: 'fired' }],
    });
    for (const inner of ['episode', 'rules', 'accepted', 'contentHash', 'runs']) expect(view).not.toHaveProperty(inner);
  });

  test('is one line in a list', async () => {
    const record = await incident();
    expect(lineOf(record)).toEqual({
      id: record.id,
      state: 'open',
      resource: 'kv-a',
      family: 'throttle',
      severity: record.severity,
      openedAt: '2026-11-20T13:59:00.000Z',
      delivery: 'diagnosed',
      alerts: 1,
    });
  });
});

describe('an incident by its id', () => {
  test.each(['', 'aaaaaaaa', 'AAAAAAAA', '../open', 'a'.repeat(9), 'x'.repeat(10_000), '\u0000'])(
    '%.20j is none, and no error',
    async (id) => {
      expect(await getIncident(createWorld([]).deps, id)).toBe(null);
    },
  );
});

describe('the list of incidents', () => {
  test('goes over days, newest first, page by page, each incident once', async () => {
    const world = createWorld([]);
    const all: string[] = [];
    for (const vault of ['kv-a', 'kv-b', 'kv-c', 'kv-d', 'kv-e']) {
      all.unshift(...(await taken(world, [vault])));
      await moveOn(world.clock, 9 * HOUR_MS);
    }
    expect(idsOf(await listIncidents(world.deps, { limit: 100 }))).toEqual(all);
    const paged: string[] = [];
    for (let after: string | undefined, pages = 0; pages < 4; pages += 1) {
      const page = await listIncidents(world.deps, { limit: 2, ...(after === undefined ? {} : { after }) });
      paged.push(...idsOf(page));
      after = page.next;
      if (after === undefined) break;
    }
    expect(paged).toEqual(all);
  });

  test('ends after 31 days; an older incident is found by its id', async () => {
    const world = createWorld([]);
    const [id = ''] = await taken(world, ['kv-a']);
    await moveOn(world.clock, 30 * 24 * HOUR_MS);
    expect(idsOf(await listIncidents(world.deps, { limit: 10 }))).toEqual([id]);
    await moveOn(world.clock, 24 * HOUR_MS);
    expect(idsOf(await listIncidents(world.deps, { limit: 10 }))).toEqual([]);
    expect((await getIncident(world.deps, id))?.id).toBe(id);
  });

  test('holds those of one state, and the one that took an alert in', async () => {
    const world = createWorld([fakeChat()]);
    const [open = ''] = await taken(world, ['kv-a']);
    const firedAt = '2026-11-20T13:50:00.000Z';
    await receive(world, azureAlert({ firedAt, vaults: ['kv-b'] }));
    await workOff(world);
    const resolvedAt = '2026-11-20T13:58:00.000Z';
    const ended = await receive(world, azureAlert({ firedAt, vaults: ['kv-b'], condition: 'Resolved', resolvedAt }));
    await workOff(world);
    const resolved = ended.ok ? ended.incidents : [];
    expect(idsOf(await listIncidents(world.deps, { limit: 10, state: 'open' }))).toEqual([open]);
    expect(idsOf(await listIncidents(world.deps, { limit: 10, state: 'resolved' }))).toEqual(resolved);
    const alert = (await getIncident(world.deps, open))?.accepted[0]?.id ?? '';
    expect(idsOf(await listIncidents(world.deps, { limit: 10, alert }))).toEqual([open]);
    expect(idsOf(await listIncidents(world.deps, { limit: 10, alert: '0123456789abcdef' }))).toEqual([]);
  });

  test.each(['', 'x', 'index/2026-11-20~', 'index/2026-11-20~../..', `index/9999-99-99~${'9'.repeat(14)}~aaaaaaaa`])(
    'begins anew after %j, which is no place in it',
    async (after) => {
      const world = createWorld([]);
      const ids = await taken(world, ['kv-a']);
      expect(idsOf(await listIncidents(world.deps, { limit: 10, after }))).toEqual(ids);
    },
  );
});

describe('the list of payloads', () => {
  test('goes over hours, newest first, up to its limit', async () => {
    const world = createWorld([]);
    const ids: string[] = [];
    for (const vault of ['kv-a', 'kv-b', 'kv-c']) {
      ids.unshift(...(await taken(world, [vault])));
      await moveOn(world.clock, HOUR_MS / 2);
    }
    const lines = await inboxOf(world);
    expect(lines.flatMap(({ incidents }) => incidents)).toEqual(ids);
    expect(await listInbox(world.deps, { hours: 3, limit: 2 })).toEqual(lines.slice(0, 2));
    expect(await listInbox(world.deps, { hours: 1, limit: 10 })).toEqual(lines);
    await moveOn(world.clock, 2 * HOUR_MS);
    expect(await listInbox(world.deps, { hours: 1, limit: 10 })).toEqual([]);
  });

  test('holds what was not understood, with reason and path, also by itself', async () => {
    const world = createWorld([]);
    await taken(world, ['kv-a']);
    await receive(world, { schemaId: 'azureMonitorCommonAlertSchema' });
    expect((await inboxOf(world)).map(({ state }) => state).toSorted()).toEqual(['dead', 'taken']);
    expect(await listInbox(world.deps, { hours: 1, limit: 10, state: 'dead' })).toMatchObject([
      { state: 'dead', source: 'azure', incidents: [], path: expect.stringMatching(/^data/) },
    ]);
  });
});
