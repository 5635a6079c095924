import { describe, expect, test } from 'vitest';
import { expire } from '../../../shared/pipeline/retention.ts';
import { fakeChat } from './chat.ts';
import { azureAlert, createWorld, inboxOf, incidentsOf, moveOn, receive, type World, workOff } from './kit.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const FIRED = azureAlert({ firedAt: '2026-11-20T13:59:00Z' });
const LARGE = azureAlert({ firedAt: '2026-11-20T13:59:10Z', rule: 'large', custom: { note: 'x'.repeat(50_000) } });

async function inboxRecords(world: World): Promise<number> {
  const stored = await Promise.all([...world.keys.values()].map((key) => world.records.get(key)));
  return [...world.keys.values()].filter(({ partition }, i) => partition.startsWith('inbox/') && stored[i]).length;
}

describe('received payloads and dead letters', () => {
  test.each([
    ['are kept while any of their hour is younger than 14 days', 14 * DAY_MS + HOUR_MS - 1, 2],
    ['go with their hour', 14 * DAY_MS + HOUR_MS, 0],
  ])('%s', async (_what, ageMs, left) => {
    const world = createWorld([]);
    await receive(world, FIRED);
    await receive(world, { not: 'understood' });
    await moveOn(world.clock, ageMs);
    expect(await expire(world.deps)).toMatchObject({ inboxExpired: 2 - left });
    expect(await inboxRecords(world)).toBe(left);
  });

  test('go hour by hour, and are looked for once an hour', async () => {
    const world = createWorld([]);
    for (let hour = 0; hour < 30; hour += 1) {
      await receive(world, { not: 'understood', hour });
      await moveOn(world.clock, HOUR_MS);
    }
    await moveOn(world.clock, 14 * DAY_MS - 20 * HOUR_MS);
    const expired: number[] = [];
    for (let hour = 0; hour < 25; hour += 1) {
      expired.push((await expire(world.deps)).inboxExpired, (await expire(world.deps)).inboxExpired);
      // Also at the very turn of an hour, and a while after it.
      await moveOn(world.clock, hour % 2 === 0 ? HOUR_MS : HOUR_MS + 61_000);
    }
    expect(expired.filter((_count, i) => i % 2 === 1)).toEqual(Array.from({ length: 25 }, () => 0));
    expect(expired.reduce((sum, count) => sum + count, 0)).toBe(30);
    expect(await inboxRecords(world)).toBe(0);
  });

  test('of weeks in which nothing ran go as well', async () => {
    const world = createWorld([]);
    await expire(world.deps);
    for (let day = 0; day < 60; day += 1) {
      await receive(world, { not: 'understood', day });
      await moveOn(world.clock, DAY_MS);
    }
    await moveOn(world.clock, 30 * DAY_MS);
    for (let run = 0; run < 5; run += 1) await expire(world.deps);
    expect(await inboxRecords(world)).toBe(0);
  });

  test('of a storm go in several runs', async () => {
    const world = createWorld([]);
    for (let i = 0; i < 2_500; i += 1) await receive(world, { not: 'understood', i });
    await moveOn(world.clock, 14 * DAY_MS + 2 * HOUR_MS);
    const first = await expire(world.deps);
    const second = await expire(world.deps);
    expect(first.inboxExpired).toBeLessThan(2_500);
    expect(first.inboxExpired + second.inboxExpired).toBe(2_500);
  });
});

describe('what stands beside the records', () => {
  test('payloads go after 14 days, evidence after the configured time, incidents stay', async () => {
    const world = createWorld([fakeChat()], { retention: { evidenceDays: 20 } });
    await receive(world, LARGE);
    await workOff(world);
    const [incident] = await incidentsOf(world);
    const [line] = await inboxOf(world);
    const held = async (): Promise<boolean[]> =>
      [
        await world.deps.payloads.get(`payload-${line?.payload.hash}`),
        await world.deps.payloads.get(`evidence-${incident?.id}`),
      ].map((bytes) => bytes !== null);
    await moveOn(world.clock, 14 * DAY_MS);
    expect([await expire(world.deps), await held()]).toMatchObject([{ payloadsExpired: 0 }, [true, true]]);
    await moveOn(world.clock, HOUR_MS);
    expect([await expire(world.deps), await held()]).toMatchObject([{ payloadsExpired: 1 }, [false, true]]);
    await moveOn(world.clock, 6 * DAY_MS);
    expect([await expire(world.deps), await held()]).toMatchObject([{ payloadsExpired: 1 }, [false, false]]);
    expect(await incidentsOf(world)).toHaveLength(1);
  });

  test('dead letters of the queue go after 14 days', async () => {
    const world = createWorld([]);
    await world.queue.send({ v: 1, incidentId: 'abcdefgh' });
    const [delivery] = await world.queue.receive({ max: 1, visibilityMs: 1_000 });
    await delivery?.bury('a reason');
    await moveOn(world.clock, 14 * DAY_MS);
    expect(await expire(world.deps)).toMatchObject({ deadExpired: 0 });
    await moveOn(world.clock, HOUR_MS);
    expect(await expire(world.deps)).toMatchObject({ deadExpired: 1 });
    expect(await world.queue.depth()).toEqual({ waiting: 0, dead: 0 });
  });
});
