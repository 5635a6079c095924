import { describe, expect, test } from 'vitest';
import { unsilence } from '../../../shared/incidents/marks.ts';
import type { IncidentRecord } from '../../../shared/incidents/record.ts';
import { updateIncident } from '../../../shared/pipeline/incidents.ts';
import { incidentKey } from '../../../shared/pipeline/keys.ts';
import { fakeChat } from './chat.ts';
import { azureAlert, createWorld, POLICY, pass, receive, theIncident, type World, workOff } from './kit.ts';

const FIRED = azureAlert({ firedAt: '2026-11-20T13:59:30Z' });
const UNTIL = '2026-11-20T14:05:00.000Z';

/** As the action does it: in the incident's own record. */
async function silence(world: World, until = UNTIL): Promise<void> {
  const { id } = await theIncident(world);
  const stored = await world.records.get<IncidentRecord>(incidentKey(id));
  if (!stored) throw new Error('there is no incident');
  await world.records.put(incidentKey(id), { ...stored.value, silencedUntil: until }, stored.revision);
}

/** An incident whose first alert was silenced: a Resolved opens it and posts nothing, then the silence, then the Fired. */
async function silencedFromTheStart(world: World): Promise<void> {
  const resolved = {
    firedAt: '2026-11-20T13:59:30Z',
    resolvedAt: '2026-11-20T13:59:40Z',
    condition: 'Resolved',
  } as const;
  await receive(world, azureAlert(resolved));
  await workOff(world);
  await silence(world);
  await receive(world, azureAlert({ firedAt: '2026-11-20T13:59:50Z' }));
  await workOff(world);
}

describe('the end of a silence', () => {
  test('brings an incident that was told before up to date', async () => {
    const chat = fakeChat();
    const world = createWorld([chat]);
    await receive(world, FIRED);
    await workOff(world);
    await silence(world);
    await receive(world, azureAlert({ firedAt: '2026-11-20T13:59:45Z', rule: 'kv-another' }));
    await pass(world, 4);
    expect(chat.standing[0]?.body).not.toContain('kv-another');
    await pass(world, 2);
    expect(chat.standing).toHaveLength(1);
    expect(chat.standing[0]?.body).toContain('kv-another');
    expect(await theIncident(world)).not.toHaveProperty('silencedUntil');
  });

  test('tells of an incident whose first post it held back, whose alerts stay silenced', async () => {
    const chat = fakeChat();
    const world = createWorld([chat]);
    await silencedFromTheStart(world);
    await pass(world, 4);
    expect(chat.standing).toEqual([]);
    await pass(world, 2);
    expect(chat.standing).toHaveLength(1);
    const incident = await theIncident(world);
    expect(incident.accepted.map(({ outcome }) => outcome)).toContain('silenced');
    expect(incident.accepted.map(({ outcome }) => outcome)).not.toContain('posted');
    expect(incident).toMatchObject({ diagnosedAt: expect.any(String), effects: [{ state: 'sent' }] });
    expect(incident.ledger.map(({ step }) => step)).toContain('unsilenced');
    await pass(world, 5);
    expect(chat.standing).toHaveLength(1);
  });

  test('says nothing of an incident that is over by then', async () => {
    const chat = fakeChat();
    const world = createWorld([chat]);
    await silencedFromTheStart(world);
    await receive(
      world,
      azureAlert({ firedAt: '2026-11-20T13:59:50Z', resolvedAt: '2026-11-20T14:01:00Z', condition: 'Resolved' }),
    );
    await pass(world, 10);
    expect(chat.standing).toEqual([]);
  });

  test('that somebody ended tells of an incident whose first post it held back', async () => {
    const chat = fakeChat();
    const world = createWorld([chat]);
    await silencedFromTheStart(world);
    const { id } = await theIncident(world);
    await updateIncident(world.deps, id, (record) => record && unsilence(record, '2026-11-20T14:01:00.000Z'));
    await pass(world, 2);
    expect(chat.standing).toHaveLength(1);
  });

  test('waits for the end of a maintenance window', async () => {
    const chat = fakeChat();
    const inMaintenance = (_resource: unknown, now: string): boolean => now < '2026-11-20T14:08:00.000Z';
    const world = createWorld([chat], { policy: { ...POLICY, inMaintenance } });
    await silencedFromTheStart(world);
    await pass(world, 7);
    expect(chat.standing).toEqual([]);
    await pass(world, 2);
    expect(chat.standing).toHaveLength(1);
  });
});

describe('the end of a maintenance window', () => {
  const inMaintenance = (_resource: unknown, now: string): boolean => now < '2026-11-20T14:04:00.000Z';
  const begin = () => {
    const chat = fakeChat();
    return { chat, world: createWorld([chat], { policy: { ...POLICY, inMaintenance } }) };
  };

  test('tells, once, of what fell into it and still fires', async () => {
    const { chat, world } = begin();
    await receive(world, FIRED);
    await pass(world, 3);
    expect(chat.standing).toEqual([]);
    await pass(world, 2);
    expect(chat.standing).toHaveLength(1);
    const { accepted, effects, toldSince } = await theIncident(world);
    expect(accepted.map(({ outcome }) => outcome)).toEqual(['silenced']);
    expect(effects).toMatchObject([{ state: 'sent' }]);
    await pass(world, 5);
    expect(chat.standing).toHaveLength(1);
    expect((await theIncident(world)).toldSince).toBe(toldSince);
  });

  test('says nothing of what is over by then', async () => {
    const { chat, world } = begin();
    await receive(world, FIRED);
    await receive(
      world,
      azureAlert({ firedAt: '2026-11-20T13:59:30Z', resolvedAt: '2026-11-20T14:01:00Z', condition: 'Resolved' }),
    );
    await pass(world, 10);
    expect(chat.standing).toEqual([]);
  });
});
