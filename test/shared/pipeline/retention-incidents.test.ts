import { describe, expect, test } from 'vitest';
import type { IncidentRecord } from '../../../shared/incidents/record.ts';
import type { RecordKey } from '../../../shared/model.ts';
import { forgetPerson } from '../../../shared/pipeline/forget.ts';
import { alertKey, auditKey, incidentKey, indexPartition, memberKey } from '../../../shared/pipeline/keys.ts';
import { getIncident, listIncidents } from '../../../shared/pipeline/read.ts';
import { expireIncidents } from '../../../shared/pipeline/retention-incidents.ts';
import type { Records } from '../../../shared/ports.ts';
import { fakeChat } from './chat.ts';
import { azureAlert, createWorld, incidentsOf, moveOn, receive, theIncident, type World, workOff } from './kit.ts';

const DAY_MS = 86_400_000;

const ANN = 'slack:T0123/U0456789';

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

/** A store whose process dies after so many writes. */
function dyingAfter(records: Records, writes: number): Records {
  let left = writes;
  const live = (): void => {
    if (left === 0) throw new Error('killed');
    left -= 1;
  };
  return {
    get: (key) => records.get(key),
    list: (partition, options) => records.list(partition, options),
    async put(key, value, expected) {
      live();
      return records.put(key, value, expected);
    },
    async delete(key, expected) {
      live();
      return records.delete(key, expected);
    },
  };
}

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

  /** An incident that somebody has acknowledged, and something that was planned for it. */
  async function acknowledged(): Promise<{ world: World; id: string; audit: RecordKey }> {
    const world = await oneIncident();
    const { id } = await theIncident(world);
    const audit = auditKey('2026-11-20T14:00:00.000Z', 0.5, id);
    const entry = { v: 1, at: '2026-11-20T14:00:00.000Z', by: ANN, name: 'Ann', action: 'ack', incidentId: id };
    await world.records.put(audit, entry, 'absent');
    await world.records.put({ ...incidentKey(id), id: 'plan/1' }, { v: 1 }, 'absent');
    await moveOn(world.clock, 402 * DAY_MS);
    return { world, id, audit };
  }

  test('leaves what was done about it behind, by its day, where a person can still be forgotten', async () => {
    const { world, id, audit } = await acknowledged();
    await expireIncidents(world.deps);
    expect([await left(world, 'incident/'), await world.records.get(audit)]).toEqual([0, null]);
    const [kept] = await world.records.list('audit/2026-11-20');
    expect(kept).toMatchObject({ id: audit.id, value: { by: ANN, action: 'ack', incidentId: id } });
    const { deps } = world;
    const { found } = await forgetPerson(deps, { names: [ANN], pseudonym: 'forgotten-1' }, { dryRun: false });
    expect(found).toEqual([{ where: `audit/2026-11-20 ${audit.id}`, places: 2 }]);
  });

  test('leaves it behind also where whoever takes it away dies at any write, and it is done again', async () => {
    for (let writes = 0; ; writes += 1) {
      const { world, audit } = await acknowledged();
      const survived = await expireIncidents({ ...world.deps, records: dyingAfter(world.records, writes) }).then(
        () => true,
        () => false,
      );
      await expireIncidents(world.deps);
      expect([writes, await left(world, 'incident/')]).toEqual([writes, 0]);
      expect((await world.records.list('audit/2026-11-20')).map(({ id }) => id)).toEqual([audit.id]);
      if (survived) break;
    }
  });

  test('leaves it behind also where a time to live has taken its record before', async () => {
    const { world, id, audit } = await acknowledged();
    const record = await world.records.get(incidentKey(id));
    await world.records.delete(incidentKey(id), record?.revision ?? '');
    await expireIncidents(world.deps);
    expect(await left(world, 'incident/')).toBe(0);
    expect((await world.records.list('audit/2026-11-20')).map(({ id }) => id)).toEqual([audit.id]);
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
