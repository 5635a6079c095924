import { describe, expect, test } from 'vitest';
import type { IncidentRecord } from '../../../shared/incidents/record.ts';
import type { Delivery } from '../../../shared/model.ts';
import { deliveryOf, getIncident, lineOf, listInbox, listIncidents, viewOf } from '../../../shared/pipeline/read.ts';
import type { Records } from '../../../shared/ports.ts';
import { alertOf, incidentOf } from '../incidents/alerts.ts';
import { fakeChat } from './chat.ts';
import { azureAlert, createWorld, moveOn, receive, theIncident, type World, workOff } from './kit.ts';

const DAY_MS = 86_400_000;

/** One incident a vault, received an hour apart. */
async function worldOf(vaults: string[], stepMs = 3_600_000): Promise<World> {
  const world = createWorld([fakeChat()]);
  for (const vault of vaults) {
    await receive(world, azureAlert({ firedAt: new Date(world.clock.now() - 60_000).toISOString(), vaults: [vault] }));
    await workOff(world);
    await moveOn(world.clock, stepMs);
  }
  return world;
}

async function names(world: World, request: Parameters<typeof listIncidents>[1]): Promise<string[]> {
  return (await listIncidents(world.deps, request)).incidents.map(({ resource }) => resource.name);
}

describe('how far an incident has come', () => {
  const received = incidentOf(alertOf());
  const with_ = (...steps: IncidentRecord['ledger'][number]['step'][]): IncidentRecord => ({
    ...received,
    ledger: [...received.ledger, ...steps.map((step) => ({ at: received.openedAt, step }))],
  });

  test.each<[Delivery, IncidentRecord]>([
    ['received', received],
    ['claimed', with_('claimed')],
    ['claimed', { ...with_('claimed'), diagnosedAt: received.openedAt }],
    ['posted', with_('claimed', 'posted')],
    ['diagnosed', { ...with_('claimed', 'posted', 'diagnosed'), diagnosedAt: received.openedAt }],
  ])('%s', (delivery, record) => {
    expect(deliveryOf(record)).toBe(delivery);
  });

  test('an incident that nobody is told of stays claimed', async () => {
    const world = createWorld([]);
    await receive(world, azureAlert({ firedAt: '2026-11-20T13:59:00Z' }));
    await workOff(world);
    expect(viewOf(await theIncident(world))).toMatchObject({
      delivery: 'claimed',
      alerts: [{ outcome: 'routed-nowhere' }],
    });
  });
});

describe('an incident as it is shown', () => {
  test('holds its ledger and each alert’s outcome, and nothing of how it is kept', async () => {
    const world = await worldOf(['kv-a']);
    const view = viewOf(await theIncident(world));
    expect(view).toMatchObject({
      delivery: 'diagnosed',
      alerts: [{ state: 'fired', outcome: 'posted' }],
      alertsEarlier: {},
    });
    expect(view.ledger.map(({ step }) => step)).toEqual(['received', 'claimed', 'posted', 'diagnosed', 'edited']);
    expect(Object.keys(view)).not.toEqual(expect.arrayContaining(['episode']));
    for (const internal of ['episode', 'rules', 'accepted', 'contentHash', 'runs', 'diagnosing', 'diagnosedSignals'])
      expect(internal in view).toBe(false);
  });

  test('an alert that waits for its Fired is undecided', () => {
    expect(viewOf(incidentOf(alertOf({ state: 'resolved' }))).alerts).toMatchObject([{ outcome: 'undecided' }]);
  });

  test('as a line counts all alerts, also those that are no longer listed one by one', () => {
    const record: IncidentRecord = { ...incidentOf(alertOf()), acceptedEarlier: { joined: 7 } };
    expect(lineOf(record)).toMatchObject({ alerts: 8, state: 'open', resource: 'kv-contoso', delivery: 'received' });
  });
});

describe('the list of incidents', () => {
  test('is newest first, across days', async () => {
    const world = await worldOf(['kv-a', 'kv-b', 'kv-c'], DAY_MS);
    expect(await names(world, { limit: 10 })).toEqual(['kv-c', 'kv-b', 'kv-a']);
  });

  test.each([1, 2, 3, 4, 7])('is read page by page, %i at a time, each incident once', async (limit) => {
    const world = await worldOf(['kv-a', 'kv-b', 'kv-c', 'kv-d', 'kv-e', 'kv-f'], 7 * 3_600_000);
    const read: string[] = [];
    let after: string | undefined;
    do {
      const page = await listIncidents(world.deps, { limit, ...(after === undefined ? {} : { after }) });
      read.push(...page.incidents.map(({ resource }) => resource.name));
      after = page.next;
    } while (after !== undefined);
    expect(read).toEqual(['kv-f', 'kv-e', 'kv-d', 'kv-c', 'kv-b', 'kv-a']);
  });

  test('can be asked for what is open, or what is over', async () => {
    const world = await worldOf(['kv-a', 'kv-b'], 60_000);
    const firedAt = '2026-11-20T13:59:00.000Z';
    await receive(
      world,
      azureAlert({ firedAt, resolvedAt: '2026-11-20T14:01:00Z', condition: 'Resolved', vaults: ['kv-a'] }),
    );
    await workOff(world);
    expect(await names(world, { limit: 10, state: 'open' })).toEqual(['kv-b']);
    expect(await names(world, { limit: 10, state: 'resolved' })).toEqual(['kv-a']);
  });

  test('can be asked which incident took an alert in', async () => {
    const world = await worldOf(['kv-a']);
    const [alert] = (await theIncident(world)).accepted;
    expect(await names(world, { limit: 10, alert: alert?.id ?? '' })).toEqual(['kv-a']);
    expect(await names(world, { limit: 10, alert: '0000000000000000' })).toEqual([]);
  });

  test('begins anew for a place that is none', async () => {
    const world = await worldOf(['kv-a', 'kv-b']);
    for (const after of ['', 'nowhere', 'index/2026-13-45~x', '../../etc'])
      expect(await names(world, { limit: 10, after })).toHaveLength(2);
  });

  test('does not reach back for ever: an older incident is found by its id', async () => {
    const world = await worldOf(['kv-a'], 40 * DAY_MS);
    expect(await names(world, { limit: 10 })).toEqual([]);
    expect((await getIncident(world.deps, (await theIncident(world)).id))?.resource.name).toBe('kv-a');
  });

  test('of an unknown id there is none', async () => {
    expect(await getIncident(createWorld([]).deps, 'abcdefgh')).toBe(null);
  });
});

describe('the list of what was received', () => {
  test('is newest first across hours, taken and dead alike', async () => {
    const world = await worldOf(['kv-a', 'kv-b']);
    await receive(world, { not: 'understood' });
    const lines = await listInbox(world.deps, { hours: 24, limit: 10 });
    expect(lines.map(({ state }) => state)).toEqual(['dead', 'taken', 'taken']);
    expect(lines.map(({ receivedAt }) => receivedAt)).toEqual(
      lines
        .map(({ receivedAt }) => receivedAt)
        .sort()
        .reverse(),
    );
    expect(lines[0]).toMatchObject({ source: 'azure', error: expect.any(String), path: 'schemaId', incidents: [] });
    expect(lines[1]?.incidents).toHaveLength(1);
  });

  test('gives the newest of an hour that holds more than are asked for', async () => {
    const world = createWorld([]);
    for (let i = 0; i < 450; i += 1) {
      await receive(world, azureAlert({ firedAt: '2026-11-20T13:59:00Z', rule: `r${i}` }));
      await moveOn(world.clock, 1_000);
    }
    const lines = await listInbox(world.deps, { hours: 1, limit: 3 });
    expect(lines.map(({ receivedAt }) => receivedAt)).toEqual(
      [449, 448, 447].map((s) => new Date(Date.parse('2026-11-20T14:00:00Z') + s * 1_000).toISOString()),
    );
  });

  test('reads some hours at once, never many, keeps their order, and none beyond what is asked for', async () => {
    const world = createWorld([]);
    for (let day = 0; day < 3; day += 1) {
      for (const rule of ['early', 'late']) {
        await receive(world, azureAlert({ firedAt: '2026-11-20T13:59:00Z', rule: `${rule} ${day}` }));
        await moveOn(world.clock, 12 * 3_600_000);
      }
    }
    const load = { now: 0, most: 0, hours: 0 };
    const records: Records = {
      ...world.records,
      async list(...asked) {
        load.hours += 1;
        load.now += 1;
        load.most = Math.max(load.most, load.now);
        // The later an hour, the later its answer.
        for (let turns = asked[0].charCodeAt(asked[0].length - 1); turns > 0; turns -= 1) await Promise.resolve();
        load.now -= 1;
        return world.records.list(...asked);
      },
    };
    const lines = await listInbox({ ...world.deps, records }, { hours: 336, limit: 100 });
    const times = lines.map(({ receivedAt }) => receivedAt);
    expect([times.length, times]).toEqual([6, times.toSorted().toReversed()]);
    expect([load.hours, load.most]).toEqual([337, 8]);
    load.hours = 0;
    expect(await listInbox({ ...world.deps, records }, { hours: 336, limit: 1 })).toEqual(lines.slice(0, 1));
    expect(load.hours).toBe(16);
  });

  test('can be asked for one state, and for some hours only', async () => {
    const world = await worldOf(['kv-a', 'kv-b']);
    await receive(world, { not: 'understood' });
    const states = async (request: Parameters<typeof listInbox>[1]): Promise<string[]> =>
      (await listInbox(world.deps, request)).map(({ state }) => state);
    expect(await states({ hours: 24, limit: 10, state: 'dead' })).toEqual(['dead']);
    expect(await states({ hours: 24, limit: 10, state: 'received' })).toEqual([]);
    expect(await states({ hours: 1, limit: 10 })).toEqual(['dead', 'taken']);
  });
});
