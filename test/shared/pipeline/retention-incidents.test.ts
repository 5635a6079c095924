import { describe, expect, test } from 'vitest';
import type { IncidentRecord } from '../../../shared/incidents/record.ts';
import { alertKey, incidentKey, indexPartition, memberKey } from '../../../shared/pipeline/keys.ts';
import { getIncident, listIncidents } from '../../../shared/pipeline/read.ts';
import { expireIncidents } from '../../../shared/pipeline/retention-incidents.ts';
import { fakeChat } from './chat.ts';
import { azureAlert, createWorld, incidentsOf, moveOn, receive, theIncident, type World, workOff } from './kit.ts';

const DAY_MS = 86_400_000;

const FIRED_AT = '2026-11-20T13:59:30Z';

async function oneIncident(): Promise<World> {
  const world = createWorld([fakeChat()]);
  await receive(world, azureAlert({ firedAt: FIRED_AT }));
  await workOff(world);
  return world;
}

const STORM = {
  destination: 'a',
  perMinute: 20,
  incidents: 1,
  open: 0,
  resources: 1,
  families: [],
  types: [],
  worst: [],
};

/** What is left of what was once put, by the beginning of the partition. */
async function left(world: World, prefix: string): Promise<number> {
  const stored = await Promise.all([...world.keys.values()].map((key) => world.records.get(key)));
  return [...world.keys.values()].filter(({ partition }, i) => partition.startsWith(prefix) && stored[i]).length;
}

describe('an incident that nothing is heard of', () => {
  test.each([
    ['is kept until the day it was heard of is 400 days over', 401 * DAY_MS - 14 * 3_600_000 - 1, 1],
    ['goes with its row in the list and its alerts then', 401 * DAY_MS - 14 * 3_600_000, 0],
  ])('%s', async (_what, ageMs, kept) => {
    const world = await oneIncident();
    await moveOn(world.clock, ageMs);
    expect((await expireIncidents(world.deps)).incidentsExpired).toBe(1 - kept);
    for (const prefix of ['incident/', 'index/', 'alert/'])
      expect([prefix, await left(world, prefix)]).toEqual([prefix, kept]);
  });

  test('takes the members of a storm with it', async () => {
    const world = await oneIncident();
    const stored = await world.records.get<IncidentRecord>(incidentKey((await theIncident(world)).id));
    if (!stored) throw new Error('there is no incident');
    const storm = { ...STORM, since: stored.value.openedAt };
    await world.records.put(incidentKey(stored.value.id), { ...stored.value, storm }, stored.revision);
    await world.records.put(memberKey(stored.value.id, 'bbbbbbbb'), { v: 1 }, 'absent');
    await moveOn(world.clock, 402 * DAY_MS);
    await expireIncidents(world.deps);
    expect(await left(world, 'storm/')).toBe(0);
  });

  test('leaves what was done about it behind', async () => {
    const world = await oneIncident();
    const { id } = await theIncident(world);
    const audit = { ...incidentKey(id), id: 'audit~2026-11-20T14:00:00.000Z~a' };
    await world.records.put(audit, { v: 1 }, 'absent');
    await world.records.put({ ...incidentKey(id), id: 'plan/1' }, { v: 1 }, 'absent');
    await moveOn(world.clock, 402 * DAY_MS);
    await expireIncidents(world.deps);
    expect(await world.records.get(audit)).not.toBe(null);
    expect(await left(world, 'incident/')).toBe(1);
  });

  test('that still gets alerts moves on in the list, and goes 400 days after the last of them', async () => {
    const world = await oneIncident();
    const { id } = await theIncident(world);
    await moveOn(world.clock, 300 * DAY_MS);
    await receive(world, azureAlert({ firedAt: '2027-09-16T13:59:30Z', rule: 'kv-again' }));
    await workOff(world);
    await moveOn(world.clock, 120 * DAY_MS);
    expect(await expireIncidents(world.deps)).toMatchObject({ incidentsExpired: 0 });
    expect(await getIncident(world.deps, id)).toMatchObject({ id });
    const row = await world.records.list<{ incidentId: string }>(indexPartition('2027-09-16'));
    expect(row.map(({ value }) => value.incidentId)).toEqual([id]);
    await moveOn(world.clock, 300 * DAY_MS);
    expect(await expireIncidents(world.deps)).toMatchObject({ incidentsExpired: 1 });
    expect(await incidentsOf(world)).toEqual([]);
    expect((await listIncidents(world.deps, { limit: 10 })).incidents).toEqual([]);
  });

  test('goes among hundreds in several runs, and none is forgotten', async () => {
    const world = createWorld([]);
    for (let i = 0; i < 250; i += 1) await receive(world, azureAlert({ firedAt: FIRED_AT, vaults: [`kv-${i}`] }));
    await workOff(world);
    await moveOn(world.clock, 402 * DAY_MS);
    const runs = [await expireIncidents(world.deps), await expireIncidents(world.deps)];
    expect(runs.map(({ incidentsExpired }) => incidentsExpired)).toEqual([200, 50]);
    expect([await left(world, 'incident/'), await left(world, 'index/')]).toEqual([0, 0]);
  });

  test('goes after years in which nothing ran', async () => {
    const world = await oneIncident();
    await expireIncidents(world.deps);
    await moveOn(world.clock, 1_500 * DAY_MS);
    expect(await expireIncidents(world.deps)).toMatchObject({ incidentsExpired: 1 });
  });
});

test('an alert that leads to no incident any more is found within 256 runs', async () => {
  const world = await oneIncident();
  const stray = alertKey('fe0123456789abcd');
  await world.records.put(stray, { v: 1, incidentId: 'aaaaaaaa' }, 'absent');
  let expired = 0;
  for (let run = 0; run < 256; run += 1) expired += (await expireIncidents(world.deps)).alertsExpired;
  expect([expired, await world.records.get(stray)]).toEqual([1, null]);
  expect(await left(world, 'alert/')).toBe(1);
});
