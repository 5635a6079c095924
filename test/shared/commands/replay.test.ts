import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { refuse } from '../../../shared/pipeline/receive.ts';
import { azureAlert, incidentsOf, workOff } from '../pipeline/kit.ts';
import { chatWorld } from './kit.ts';

const PERSON = { id: 'slack:T1/U1', name: 'alex' };

async function kept(chat: ReturnType<typeof chatWorld>, body: unknown): Promise<string> {
  const raw = Buffer.from(JSON.stringify(body));
  await refuse(chat.world.deps, { source: 'azure', raw, bytes: raw.byteLength, error: 'not understood', path: '' });
  return createHash('sha256').update(raw).digest('hex');
}

describe('replay', () => {
  test('of an incident diagnoses it again', async () => {
    const chat = chatWorld();
    const id = await chat.alert();
    const runs = async () => (await incidentsOf(chat.world))[0]?.runs.done.length;
    const before = await runs();
    expect((await chat.answer(`replay ${id}`)).title).toBe(`${id} (kv-contoso) is worked out anew`);
    await workOff(chat.world);
    expect(await runs()).toBe((before ?? 0) + 1);
  });

  test('of an incident tries again what failed for good of its work', async () => {
    const chat = chatWorld();
    const id = await chat.alert();
    await chat.world.queue.send({ v: 1, incidentId: id });
    const [delivery] = await chat.world.queue.receive({ max: 1, visibilityMs: 1_000 });
    await delivery?.bury('it failed');
    const { title } = await chat.answer(`replay ${id}`);
    expect(title).toBe(`${id} (kv-contoso) is worked out anew; 1 message that had failed for good is tried again`);
    expect(await chat.world.queue.depth()).toEqual({ waiting: 2, dead: 0 });
  });

  test('of a payload that is understood by now takes it in', async () => {
    const chat = chatWorld();
    const hash = await kept(chat, azureAlert({ firedAt: '2026-11-20T13:59:00.000Z' }));
    const { title } = await chat.answer(`replay ${hash.slice(0, 12)}`);
    await workOff(chat.world);
    const [incident] = await incidentsOf(chat.world);
    expect(title).toBe(`A payload is taken in, by ${incident?.id}`);
  });

  test('of a payload that is still not understood says why', async () => {
    const chat = chatWorld();
    const hash = await kept(chat, { schemaId: 'unheard-of' });
    const { title } = await chat.answer(`replay ${hash}`);
    expect(title).toMatch(/^A payload is still not understood: ./);
    expect(await incidentsOf(chat.world)).toEqual([]);
  });

  test.each(['incident', 'payload'])('of an %s is refused to who is not entitled', async (what) => {
    const chat = chatWorld();
    const id =
      what === 'incident' ? await chat.alert() : await kept(chat, azureAlert({ firedAt: '2026-11-20T13:59:00.000Z' }));
    const { title } = await chat.answer(`replay ${id}`, { person: PERSON });
    expect(title).toBe('You are not on the list of those who may replay');
    expect(await chat.world.queue.depth()).toMatchObject({ waiting: 0 });
  });

  test.each([
    ['k3f7q2ab', "There is no incident 'k3f7q2ab'"],
    ['0123456789abcdef', "Nothing that is kept has the id '0123456789abcdef': payloads are kept for 14 days"],
    ['../state', "'../state' is no id of a payload, an incident or an alert"],
  ])('of what is not there (%s) says so', async (id, title) => {
    expect((await chatWorld().answer(`replay ${id}`)).title).toBe(title);
  });

  test('is audited under the name of who asked', async () => {
    const chat = chatWorld();
    const id = await chat.alert();
    await chat.ask(`replay ${id}`);
    const key = [...chat.world.keys.values()].find((one) => one.id.startsWith('audit~'));
    const entry = key && (await chat.world.records.get(key));
    expect(entry?.value).toMatchObject({ by: 'local', action: 'replay', incidentId: id, outcome: 'done' });
  });
});
