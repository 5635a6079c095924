import { describe, expect, test } from 'vitest';
import type { Row } from '../../../shared/model.ts';
import { fakeChat } from './chat.ts';
import { callerRow, FIRED, HISTORY, LAST_HOUR, log, notesOf, store } from './glance-kit.ts';
import { azureAlert, createWorld, incidentsOf, pass, receive, workOff } from './kit.ts';

describe('who led the last hour', () => {
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
