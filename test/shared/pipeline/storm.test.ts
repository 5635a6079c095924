import { describe, expect, test } from 'vitest';
import { closeByPerson } from '../../../shared/incidents/accept.ts';
import type { IncidentRecord } from '../../../shared/incidents/record.ts';
import { updateIncident } from '../../../shared/pipeline/incidents.ts';
import { lineOf, listIncidents, viewOf } from '../../../shared/pipeline/read.ts';
import { admit } from '../../../shared/pipeline/storm-gate.ts';
import { fakeChat } from './chat.ts';
import { azureAlert, createWorld, incidentsOf, moveOn, POLICY, pass, receive, type World, workOff } from './kit.ts';

const FIRED_AT = '2026-11-20T13:59:30.000Z';
const PER_MINUTE = 3;

function stormWorld(...chats: ReturnType<typeof fakeChat>[]): World {
  return createWorld(chats, { policy: { ...POLICY, stormPerMinute: PER_MINUTE } });
}

function vaults(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, i) => `kv-${String(from + i).padStart(3, '0')}`);
}

async function fire(
  world: World,
  names: readonly string[],
  more: { condition?: 'Resolved'; resolvedAt?: string } = {},
) {
  for (const name of names)
    await receive(world, azureAlert({ firedAt: FIRED_AT, rule: `throttled-${name}`, vaults: [name], ...more }));
}

async function stormsOf(world: World): Promise<IncidentRecord[]> {
  return (await incidentsOf(world)).filter(({ storm }) => storm !== undefined);
}

describe('when more incidents open than may be posted in a minute', () => {
  test('the first ones get a message each, the others one together, which is edited as it grows', async () => {
    const chat = fakeChat();
    const world = stormWorld(chat);
    await fire(world, vaults(10));
    await workOff(world);
    expect(chat.standing).toHaveLength(PER_MINUTE);
    await moveOn(world.clock, 3_000);
    await workOff(world);
    expect(chat.standing).toHaveLength(PER_MINUTE + 1);
    expect(chat.standing.at(-1)?.body).toContain('7 incidents of 7 resources');
    await fire(world, vaults(5, 10));
    await workOff(world);
    await moveOn(world.clock, 10_250);
    await workOff(world);
    expect(chat.standing).toHaveLength(PER_MINUTE + 1);
    expect(chat.standing.at(-1)?.body).toContain('12 incidents of 12 resources');
  });

  test('each alert is posted or summarised, and nothing is read for those that are summarised', async () => {
    const world = stormWorld(fakeChat());
    await fire(world, vaults(10));
    await workOff(world);
    const incidents = (await incidentsOf(world)).filter(({ storm }) => !storm);
    const outcomes = incidents.flatMap(({ accepted }) => accepted.map(({ outcome }) => outcome));
    expect(outcomes.toSorted()).toEqual([...Array(PER_MINUTE).fill('posted'), ...Array(7).fill('summarised')]);
    const summarised = incidents.filter(({ summarisedIn }) => summarisedIn);
    expect(summarised.map(({ effects, diagnosedAt }) => [effects, diagnosedAt])).toEqual(
      Array(7).fill([[], undefined]),
    );
  });

  test('their end is told in the same message, which ends when it is calm and all of them are over', async () => {
    const chat = fakeChat();
    const world = stormWorld(chat);
    await fire(world, vaults(6));
    await pass(world, 1);
    await fire(world, vaults(6), { condition: 'Resolved', resolvedAt: '2026-11-20T14:01:00.000Z' });
    await pass(world, 1);
    expect(chat.standing.at(-1)?.body).toContain('None still open');
    expect((await stormsOf(world)).map(({ lifecycle }) => lifecycle.state)).toEqual(['open']);
    await pass(world, 3);
    expect((await stormsOf(world)).map(({ lifecycle, look }) => [lifecycle.state, look])).toEqual([
      ['resolved', undefined],
    ]);
    expect(chat.standing).toHaveLength(PER_MINUTE + 1);
    expect(chat.standing.at(-1)?.body).toContain('Resolved: alert storm: 3 incidents');
    expect((await world.queue.depth()).waiting).toBe(0);
  });

  test('new ones are told one by one again once it is calm, those of the storm still in its message', async () => {
    const chat = fakeChat();
    const world = stormWorld(chat);
    await fire(world, vaults(6));
    await pass(world, 4);
    await fire(world, ['kv-late']);
    await workOff(world);
    expect(chat.standing).toHaveLength(PER_MINUTE + 2);
    await fire(world, vaults(6), { condition: 'Resolved', resolvedAt: '2026-11-20T14:04:00.000Z' });
    await pass(world, 1);
    expect(chat.standing).toHaveLength(PER_MINUTE + 2);
    expect((await stormsOf(world))[0]?.lifecycle).toMatchObject({ state: 'resolved', at: '2026-11-20T14:04:00.000Z' });
  });

  test('a destination that cannot edit is told three times: its beginning, what it was, its end', async () => {
    const chat = fakeChat({ key: 'slack-webhook', canEdit: false });
    const world = stormWorld(chat);
    await fire(world, vaults(6));
    await pass(world, 1);
    await fire(world, vaults(3, 6));
    await pass(world, 4);
    await fire(world, vaults(9), { condition: 'Resolved', resolvedAt: '2026-11-20T14:05:00.000Z' });
    await pass(world, 1);
    const [storm] = await stormsOf(world);
    const told = chat.standing
      .filter(({ incidentId }) => incidentId === storm?.id)
      .map(({ body }) => body.split('\n')[0]);
    expect(told).toEqual([
      'Alert storm: 3 incidents of 3 resources since 2026-11-20 13:59 UTC',
      'Alert storm: 6 incidents of 6 resources since 2026-11-20 13:59 UTC',
      'Resolved: alert storm: 6 incidents of 6 resources since 2026-11-20 13:59 UTC',
    ]);
  });

  test('each destination has a storm of its own', async () => {
    const [ops, web] = [fakeChat(), fakeChat({ key: 'slack-bot:C2' })];
    const world = createWorld([ops, web], {
      policy: {
        ...POLICY,
        stormPerMinute: PER_MINUTE,
        route: ({ resource }, destinations) =>
          resource.name.endsWith('0') ? destinations : destinations.filter(({ key }) => key === ops.key),
      },
    });
    await fire(world, vaults(11));
    await pass(world, 1);
    const [storm, other] = await stormsOf(world);
    expect([storm?.storm?.destination, other]).toEqual([ops.key, undefined]);
    const last = (await incidentsOf(world)).find(({ resource }) => resource.name === 'kv-010');
    expect(last?.accepted.map(({ outcome }) => outcome)).toEqual(['posted']);
    expect(last?.effects.map(({ key }) => key)).toEqual([web.key]);
  });

  test('the storm and its incidents are listed with each other', async () => {
    const world = stormWorld(fakeChat());
    await fire(world, vaults(5));
    await pass(world, 1);
    const [storm] = await stormsOf(world);
    const { incidents } = await listIncidents(world.deps, { limit: 100 });
    const lines = incidents.map(lineOf);
    expect(lines.find(({ id }) => id === storm?.id)).toMatchObject({
      family: 'storm',
      incidents: 2,
      delivery: 'posted',
    });
    expect(lines.filter(({ summarisedIn }) => summarisedIn?.[0] === storm?.id)).toHaveLength(2);
    expect(storm && viewOf(storm)).not.toHaveProperty('look');
  });

  test('an incident that a person resolves is told as resolved', async () => {
    const chat = fakeChat();
    const world = stormWorld(chat);
    await fire(world, vaults(5));
    await pass(world, 1);
    const [member] = (await incidentsOf(world)).filter(({ summarisedIn }) => summarisedIn);
    const now = new Date(world.clock.now()).toISOString();
    await updateIncident(world.deps, member?.id ?? '', (record) => record && closeByPerson(record, now, 'someone'));
    await world.queue.send({ v: 1, incidentId: member?.id ?? '' });
    await pass(world, 1);
    expect(chat.standing.at(-1)?.body).toContain('1 still open');
  });

  test('a message that was lost on the way to the storm is made up for by the sweep', async () => {
    const chat = fakeChat();
    const world = stormWorld(chat);
    await fire(world, vaults(5));
    await workOff(world);
    world.loseQueue();
    await pass(world, 3);
    expect(chat.standing.at(-1)?.body).toContain('2 incidents of 2 resources');
  });
});

describe('the gate', () => {
  test('answers the same for the same incident, and lets no more through however many ask at once', async () => {
    const { deps } = stormWorld();
    const ids = vaults(40);
    const answers = await Promise.all([...ids, ...ids].map((id) => admit(deps, id, 'slack-bot:C1')));
    const through = new Set(ids.filter((_, i) => answers[i] === null));
    expect(through.size).toBe(PER_MINUTE);
    expect(new Set(answers.filter((answer) => answer !== null)).size).toBe(1);
    expect(ids.every((_, i) => answers[i] === answers[i + ids.length])).toBe(true);
  });

  test('lets as many through in the next minute', async () => {
    const world = stormWorld();
    for (const id of vaults(PER_MINUTE)) expect(await admit(world.deps, id, 'd')).toBe(null);
    await moveOn(world.clock, 60_000);
    for (const id of vaults(PER_MINUTE, 10)) expect(await admit(world.deps, id, 'd')).toBe(null);
    expect(await admit(world.deps, 'one-more', 'd')).not.toBe(null);
  });
});
