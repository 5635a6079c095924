import { describe, expect, test } from 'vitest';
import { tellWeek } from '../../../shared/pipeline/digest.ts';
import { type WatchDeps, watch } from '../../../shared/pipeline/watch.ts';
import { fakeChat } from './chat.ts';
import { azureAlert, createWorld, incidentsOf, moveOn, POLICY, pass, receive, type World, workOff } from './kit.ts';

const BUSY = azureAlert({
  firedAt: '2026-11-20T13:59:00Z',
  rule: 'kv-hits',
  metric: 'ServiceApiHit',
  vaults: ['kv-busy'],
});
const REFUSED = azureAlert({ firedAt: '2026-11-20T13:59:30Z' });
/** From the Friday on which the clock begins to the Monday at nine. */
const TO_MONDAY_MS = (2 * 24 + 19) * 3_600_000;
const DAY_MS = 24 * 3_600_000;

async function friday() {
  const chat = fakeChat({ key: 'slack-bot' });
  const world = createWorld([chat]);
  for (const alert of [BUSY, REFUSED]) await receive(world, alert);
  await workOff(world);
  return { chat, world };
}

const digestsOf = async (world: World) => (await incidentsOf(world)).filter(({ family }) => family === 'digest');

describe('on Monday at nine', () => {
  test('what was only counted is told once, beside what was told', async () => {
    const { chat, world } = await friday();
    expect(chat.standing).toHaveLength(1);
    await moveOn(world.clock, TO_MONDAY_MS - 60_000);
    await watch(world.deps);
    expect(await digestsOf(world)).toEqual([]);
    await moveOn(world.clock, 20 * 60_000);
    await pass(world, 40);
    const [digest, ...more] = await digestsOf(world);
    expect(more).toEqual([]);
    expect(digest).toMatchObject({
      lifecycle: { state: 'resolved' },
      digest: { counts: { told: 1, busy: 1 }, busy: [{ resource: { name: 'kv-busy' }, alerts: 1 }] },
      effects: [{ key: 'slack-bot', state: 'sent' }],
    });
    expect(chat.standing.map(({ incidentId }) => incidentId)).toContain(digest?.id);
    expect(chat.standing).toHaveLength(2);
    expect(chat.standing[1]?.body).toContain('kv-busy');
    expect(digest?.diagnosedAt).toBeUndefined();
  });

  test('a process that dies before it is queued leaves it to the sweep', async () => {
    const { chat, world } = await friday();
    await moveOn(world.clock, TO_MONDAY_MS);
    expect(await tellWeek(world.deps)).toEqual({ digestsTold: 1 });
    world.loseQueue();
    await pass(world, 3);
    expect(chat.standing).toHaveLength(2);
    expect(await tellWeek(world.deps)).toEqual({ digestsTold: 0 });
  });

  test.each<[string, Partial<WatchDeps>, number]>([
    ['a day later', {}, DAY_MS + 1],
    ['before the week is over, of the one before in which nothing came', {}, -1],
    [
      'where a route sends it nowhere',
      { policy: { ...POLICY, route: ({ family }, to) => (family === 'digest' ? [] : to) } },
      0,
    ],
    ['in a second region, whose first tells it', { firstRegion: { findWorked: async () => null } }, 0],
  ])('nothing is told %s', async (_when, given, lateMs) => {
    const { world } = await friday();
    await moveOn(world.clock, TO_MONDAY_MS + lateMs);
    expect(await tellWeek({ ...world.deps, ...given })).toEqual({ digestsTold: 0 });
    expect(await digestsOf(world)).toEqual([]);
  });
});
