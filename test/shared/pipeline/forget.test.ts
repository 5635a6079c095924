import { describe, expect, test } from 'vitest';
import { auditRefusal } from '../../../shared/pipeline/audit.ts';
import { forgetPerson } from '../../../shared/pipeline/forget.ts';
import { updateIncident } from '../../../shared/pipeline/incidents.ts';
import { evidenceName } from '../../../shared/pipeline/keys.ts';
import { type FakeChat, fakeChat } from './chat.ts';
import { azureAlert, createWorld, moveOn, receive, theIncident, type World, workOff } from './kit.ts';

const ANN = 'ann@example.org';
const ERASURE = { names: [ANN, 'Ann Example'], pseudonym: 'forgotten-1' };
const BOB = { id: 'slack:T0123/U0999', name: 'Bob' };

/** An installation in which Ann is wherever a person can be, and Bob beside her. */
async function inhabited(): Promise<{ world: World; chat: FakeChat }> {
  const chat = fakeChat();
  const world = createWorld([chat]);
  const custom = { owner: ANN, other: 'joann@example.org' };
  await receive(world, azureAlert({ firedAt: '2026-11-20T13:59:00Z', custom }));
  // Too long for its inbox record, so that it stands in the payload store.
  const long = { owner: 'Ann Example', padding: 'x'.repeat(60_000) };
  await receive(world, azureAlert({ firedAt: '2026-11-20T13:59:30Z', custom: long }));
  await workOff(world);
  const { id } = await theIncident(world);
  await updateIncident(
    world.deps,
    id,
    (record) => record && { ...record, acknowledged: { at: '2026-11-20T14:00:00Z', by: ANN } },
  );
  await world.deps.payloads.put(
    evidenceName(id),
    Buffer.from(JSON.stringify({ rows: [{ caller: ANN }, { caller: 'b' }] })),
  );
  const person = { id: ANN, name: 'Annie' };
  await auditRefusal(world.deps, person, { action: 'silence', incidentId: id }, 'not entitled');
  await auditRefusal(world.deps, person, { action: 'doctor' }, 'not entitled');
  await auditRefusal(world.deps, BOB, { action: 'doctor' }, 'not entitled');
  await world.records.put({ partition: 'chat/2026-11-20T14', id: 'q1' }, { v: 1, text: 'why', user: ANN }, 'absent');
  return { world, chat };
}

async function everything(world: World): Promise<string> {
  const texts: string[] = [];
  for (const key of world.keys.values()) texts.push(JSON.stringify(await world.records.get(key)));
  for (const name of await world.deps.payloads.olderThan('2999-01-01T00:00:00.000Z', 1_000))
    texts.push(Buffer.from((await world.deps.payloads.get(name)) ?? []).toString('utf8'));
  return texts.join('\n');
}

describe('a person who is to be forgotten', () => {
  test('is nowhere afterwards, in no record, payload, evidence or message; others are where they were', async () => {
    const { world, chat } = await inhabited();
    const forgotten = await forgetPerson(world.deps, ERASURE, { dryRun: false });
    const { id } = await theIncident(world);
    const kinds = forgotten.found.map(({ where }) => where.replace(/[~ ].*|\/.*/, '')).sort();
    expect(kinds).toEqual(['audit', 'chat', 'evidence', 'inbox', 'incident', 'incident', 'payload']);
    expect(forgotten.left).toEqual([]);
    await workOff(world);
    const kept = await everything(world);
    expect(kept).not.toMatch(/(?<!jo)ann@|Ann Example|Annie/);
    for (const other of ['joann@example.org', 'Bob', 'slack:T0123/U0999']) expect(kept).toContain(other);
    expect((await theIncident(world)).acknowledged?.by).toBe('forgotten-1');
    expect(chat.standing).toHaveLength(1);
    expect(chat.standing[0]?.body).not.toContain(ANN);
    // What was done is still known: two entries, by someone.
    expect(kept.match(/"by":"forgotten-1","name":"forgotten-1","action":"(?:silence|doctor)"/g)).toHaveLength(2);
    expect(await forgetPerson(world.deps, ERASURE, { dryRun: false })).toEqual({ found: [], left: [] });
    expect(await world.deps.payloads.get(evidenceName(id))).not.toBeNull();
  });

  test('is listed by a dry run, which changes nothing', async () => {
    const { world } = await inhabited();
    const before = await everything(world);
    const dry = await forgetPerson(world.deps, ERASURE, { dryRun: true });
    expect(await everything(world)).toBe(before);
    expect(await world.queue.depth()).toEqual({ waiting: 0, dead: 0 });
    expect(await forgetPerson(world.deps, ERASURE, { dryRun: false })).toEqual(dry);
  });

  test('stands in a message, which is edited', async () => {
    const { world, chat } = await inhabited();
    await receive(world, azureAlert({ firedAt: '2026-11-20T13:59:40Z', rule: `of ${ANN}` }));
    await workOff(world);
    expect(chat.standing[0]?.body).toContain(ANN);
    await forgetPerson(world.deps, ERASURE, { dryRun: false });
    await workOff(world);
    expect(chat.standing[0]?.body).not.toContain(ANN);
    expect(chat.standing[0]?.body).toContain('of forgotten-1');
  });

  test('stays in a payload that is still being taken in, and a second run finishes it', async () => {
    const { world } = await inhabited();
    await receive(world, azureAlert({ firedAt: '2026-11-20T13:59:50Z', custom: { owner: ANN } }));
    const first = await forgetPerson(world.deps, ERASURE, { dryRun: false });
    expect(first.left).toEqual([expect.stringMatching(/^inbox\/2026-11-20T14 /)]);
    await workOff(world);
    await moveOn(world.clock, 60_000);
    const second = await forgetPerson(world.deps, ERASURE, { dryRun: false });
    expect([second.found.length > 0, second.left]).toEqual([true, []]);
    expect(await everything(world)).not.toMatch(/(?<!jo)ann@/);
  });

  test('is taken out of a record that others change meanwhile, without undoing their change', async () => {
    const { world } = await inhabited();
    const { id } = await theIncident(world);
    let raced = false;
    const records: World['records'] = {
      ...world.records,
      async put(key, value, expected) {
        if (!raced && key.id === 'state') {
          raced = true;
          await updateIncident(world.deps, id, (record) => record && { ...record, flaps: 7 });
        }
        return world.records.put(key, value, expected);
      },
    };
    await forgetPerson({ ...world.deps, records }, ERASURE, { dryRun: false });
    expect(await theIncident(world)).toMatchObject({ flaps: 7, acknowledged: { by: 'forgotten-1' } });
  });
});
