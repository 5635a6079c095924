import { describe, expect, test } from 'vitest';
import { HeadroomError } from '../../../shared/errors.ts';
import type { WatchDeps } from '../../../shared/pipeline/watch.ts';
import { dead, faulty } from '../../contract/faulty.ts';
import { fakeChat } from './chat.ts';
import { azureAlert, createWorld, inboxOf, receive, theIncident, type World, workOff } from './kit.ts';

const FIRED = azureAlert({ firedAt: '2026-11-20T13:59:00Z' });

describe('what is not understood', () => {
  const refuse = (world: World, body: unknown): ReturnType<typeof receive> => receive(world, body);

  test.each<[string, unknown, string]>([
    ['another product’s payload', { zen: 'Keep it logically awesome.', hook: {} }, 'schemaId'],
    ['an array', [1, 2], ''],
    ['nothing', null, ''],
    [
      'an alert without anything in it',
      { schemaId: 'azureMonitorCommonAlertSchema', data: { essentials: {} } },
      'data.essentials.alertId',
    ],
  ])('%s is answered with the path of the field, and kept', async (_what, body, path) => {
    const world = createWorld([]);
    const received = await refuse(world, body);
    expect(received).toMatchObject({ ok: false, error: expect.stringMatching(/\S/) });
    expect(received.ok ? '' : received.path).toContain(path);
    expect(await inboxOf(world)).toMatchObject([
      { state: 'dead', source: 'azure', incidents: [], error: expect.any(String) },
    ]);
    expect(await world.queue.depth()).toEqual({ waiting: 0, dead: 0 });
    expect([...world.keys.keys()].filter((key) => !key.startsWith('inbox/'))).toEqual([]);
  });

  test('is kept once an hour, however often it comes', async () => {
    const world = createWorld([]);
    for (let i = 0; i < 5; i += 1) await refuse(world, { some: 'thing' });
    expect(await inboxOf(world)).toHaveLength(1);
    world.clock.advance(3_600_000);
    await refuse(world, { some: 'thing' });
    await refuse(world, { another: 'thing' });
    expect(await inboxOf(world)).toHaveLength(3);
  });

  test('is logged without a word of its content', async () => {
    const world = createWorld([]);
    await refuse(world, { password: 'hunter2' });
    expect(world.log.events).toMatchObject([{ level: 'warn', event: 'payload-refused' }]);
    expect(JSON.stringify(world.log.events)).not.toContain('hunter2');
  });

  test('more alerts than one payload may hold are refused as a whole', async () => {
    const world = createWorld([]);
    const vaults = Array.from({ length: 1_001 }, (_, i) => `kv-${i}`);
    const received = await receive(world, azureAlert({ firedAt: '2026-11-20T13:59:00Z', vaults }));
    expect(received).toMatchObject({ ok: false });
    expect(await inboxOf(world)).toMatchObject([{ state: 'dead' }]);
  });

  test('a thousand alerts in one payload are all taken in', async () => {
    const world = createWorld([]);
    const vaults = Array.from({ length: 1_000 }, (_, i) => `kv-${i}`);
    const received = await receive(world, azureAlert({ firedAt: '2026-11-20T13:59:00Z', vaults }));
    expect(received).toMatchObject({ ok: true, alerts: 1_000 });
  });
});

describe('a store that is down', () => {
  const broken: [string, (deps: WatchDeps) => WatchDeps][] = [
    [
      'reading records',
      (deps) => ({ ...deps, records: faulty(deps.records, (method) => (method === 'get' ? dead() : undefined)) }),
    ],
    [
      'writing records',
      (deps) => ({ ...deps, records: faulty(deps.records, (method) => (method === 'put' ? dead() : undefined)) }),
    ],
    [
      'the second write',
      (deps) => ({
        ...deps,
        records: faulty(deps.records, (method, nth) => (method === 'put' && nth === 2 ? dead() : undefined)),
      }),
    ],
    [
      'the queue',
      (deps) => ({ ...deps, queue: faulty(deps.queue, (method) => (method === 'send' ? dead() : undefined)) }),
    ],
  ];

  test.each(broken)('%s: the sender is told, and sends again to one incident', async (_what, breakIt) => {
    const chat = fakeChat();
    const world = createWorld([chat]);
    await expect(receive({ deps: breakIt(world.deps) }, FIRED)).rejects.toThrow(HeadroomError);
    expect(await receive(world, FIRED)).toMatchObject({ ok: true });
    await workOff(world);
    expect((await theIncident(world)).accepted).toHaveLength(1);
    expect(chat.standing).toHaveLength(1);
  });
});
