import { describe, expect, test } from 'vitest';
import { DEFAULT_LATE_AFTER_MS, isCanaryInTime, readCanaryState } from '../../../shared/pipeline/canary.ts';
import { watch } from '../../../shared/pipeline/watch.ts';
import { fakeChat } from './chat.ts';
import { azureAlert, createWorld, moveOn, pass, receive, theIncident, type World, workOff } from './kit.ts';

const MINUTE_MS = 60_000;
const RULES = { lateAfterMs: DEFAULT_LATE_AFTER_MS };

function canaryAlert(firedAt: string): Record<string, unknown> {
  return azureAlert({ firedAt, rule: 'headroom-canary', vaults: ['kv-own'], custom: { headroom_canary: 'true' } });
}

function stateOf(world: World) {
  return readCanaryState(world.deps, RULES);
}

describe('the canary', () => {
  test('is taken in by a worker, told to nobody, and remembered', async () => {
    const chat = fakeChat();
    const world = createWorld([chat], { canary: RULES });
    await pass(world, 1);
    expect(await stateOf(world)).toEqual({ state: 'awaited', ageMs: null });
    await receive(world, canaryAlert('2026-11-20T14:00:30Z'));
    await pass(world, 1);
    expect(await stateOf(world)).toEqual({ state: 'seen', ageMs: MINUTE_MS });
    expect((await theIncident(world)).accepted).toMatchObject([{ outcome: 'summarised' }]);
    expect(chat.standing).toEqual([]);
  });

  test('does not count before a worker has had it', async () => {
    const world = createWorld([], { canary: RULES });
    await receive(world, canaryAlert('2026-11-20T13:59:30Z'));
    await watch(world.deps);
    expect((await stateOf(world)).state).toBe('awaited');
    await workOff(world);
    await moveOn(world.clock, MINUTE_MS);
    await watch(world.deps);
    expect((await stateOf(world)).state).toBe('seen');
  });

  test.each([
    ['came last', true, DEFAULT_LATE_AFTER_MS, 'seen'],
    ['came last', true, DEFAULT_LATE_AFTER_MS + 1, 'late'],
    ['was first expected', false, DEFAULT_LATE_AFTER_MS, 'awaited'],
    ['was first expected', false, DEFAULT_LATE_AFTER_MS + 1, 'late'],
  ])('that %s (seen: %s) %i ms ago is %s', async (_what, comes, ageMs, state) => {
    const world = createWorld([], { canary: RULES });
    if (comes) await receive(world, canaryAlert('2026-11-20T13:59:30Z'));
    await workOff(world);
    await watch(world.deps);
    await moveOn(world.clock, ageMs);
    expect((await stateOf(world)).state).toBe(state);
    expect(await isCanaryInTime(world.deps, RULES)).toBe(state !== 'late');
  });

  test('that is late stops the heartbeat, and one that comes again starts it', async () => {
    const world = createWorld([], { canary: RULES });
    await watch(world.deps);
    await moveOn(world.clock, DEFAULT_LATE_AFTER_MS + MINUTE_MS);
    await watch(world.deps);
    expect(world.log.events.at(-1)).toMatchObject({ event: 'heartbeat-withheld', fields: { canary: 'late' } });
    await receive(world, canaryAlert('2026-11-20T15:30:30Z'));
    await workOff(world);
    await watch(world.deps);
    expect(world.log.events.at(-1)).toMatchObject({ event: 'heartbeat', fields: { canary: 'seen', canaryAgeMs: 0 } });
  });

  test('is not expected where the settings name none', async () => {
    const world = createWorld([]);
    await watch(world.deps);
    await moveOn(world.clock, 10 * DEFAULT_LATE_AFTER_MS);
    expect(await isCanaryInTime(world.deps, undefined)).toBe(true);
  });

  test('is set off every hour where it does not fire by itself', async () => {
    const set: string[] = [];
    const canaryAlarm = { setOff: async (at: string) => void set.push(at.slice(11, 16)) };
    const world = createWorld([], { canary: RULES, canaryAlarm });
    await pass(world, 125);
    expect(set).toEqual(['14:00', '15:00', '16:00']);
  });
});
