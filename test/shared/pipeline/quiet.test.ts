import { describe, expect, test } from 'vitest';
import { readConfig } from '../../../shared/config.ts';
import type { Policy } from '../../../shared/pipeline/deps.ts';
import { policyOf } from '../../../shared/pipeline/policy.ts';
import { type FakeChat, fakeChat } from './chat.ts';
import { azureAlert, createWorld, POLICY, pass, receive, theIncident, type World, workOff } from './kit.ts';

const FIRED = azureAlert({ firedAt: '2026-11-20T13:59:30Z' });

/** Quiet until 14:10 UTC, ten minutes after the test's clock begins. */
function policyBy(routes: unknown): Policy {
  const quietHours = { from: '14:00', to: '15:10' };
  const read = readConfig({
    environment: {},
    cloud: 'local',
    settings: { timeZone: 'Europe/Paris', quietHours, routes },
  });
  if (!read.ok) throw new Error(read.problems.map(({ problem }) => problem).join());
  return policyOf(read.config, POLICY.limits);
}

async function fired(routes: unknown): Promise<{ world: World; chat: FakeChat }> {
  const chat = fakeChat({ key: 'slack-bot' });
  const world = createWorld([chat], { policy: policyBy(routes) });
  await receive(world, FIRED);
  await workOff(world);
  return { world, chat };
}

describe('in quiet hours an incident', () => {
  test('is posted at once unless its route says otherwise', async () => {
    const { chat } = await fired([{ to: ['*'] }]);
    expect(chat.standing).toHaveLength(1);
  });

  test('is held back where its route says so, and told once when they end, as it stands then', async () => {
    const { world, chat } = await fired([{ to: ['*'], quiet: 'held' }]);
    await pass(world, 9);
    expect([chat.calls, (await theIncident(world)).effects[0]]).toMatchObject([
      [],
      { state: 'pending', held: true, notBefore: '2026-11-20T14:10:00.000Z' },
    ]);
    await pass(world, 3);
    expect(chat.calls.filter((call) => call.startsWith('post'))).toHaveLength(1);
    expect((await theIncident(world)).effects[0]?.state).toBe('sent');
  });

  test('is told when its route no longer holds it back, as when it becomes severe', async () => {
    const { world, chat } = await fired([
      { match: { custom: { urgent: '*' } }, to: ['*'] },
      { to: ['*'], quiet: 'held' },
    ]);
    expect(chat.calls).toEqual([]);
    await receive(world, azureAlert({ firedAt: '2026-11-20T14:00:00Z', rule: 'another', custom: { urgent: 'yes' } }));
    await workOff(world);
    expect(chat.standing).toHaveLength(1);
  });

  test('that is over before they end is told of all the same: nothing is lost', async () => {
    const { world, chat } = await fired([{ to: ['*'], quiet: 'held' }]);
    await receive(
      world,
      azureAlert({ condition: 'Resolved', firedAt: '2026-11-20T13:59:30Z', resolvedAt: '2026-11-20T14:01:00Z' }),
    );
    await pass(world, 12);
    expect(chat.standing.map(({ body }) => body.includes('Resolved'))).toEqual([true]);
  });
});
