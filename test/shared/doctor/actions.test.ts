import { expect, test } from 'vitest';
import { createMemoryQueue } from '../../../shared/adapters/memory/queue.ts';
import { createMemoryRecords } from '../../../shared/adapters/memory/records.ts';
import { readConfig } from '../../../shared/config.ts';
import type { CheckPorts } from '../../../shared/doctor/check.ts';
import { examine } from '../../../shared/doctor/examine.ts';
import { actionDepsOf } from '../../../shared/pipeline/action-deps.ts';
import { fakeClock } from '../../kit.ts';
import { DENIED, type FakePlane, fakePlane } from '../pipeline/action-kit.ts';

async function check(actions: 'on' | 'off', allowed: string[], plane?: FakePlane): Promise<unknown> {
  const approvers = [{ people: ['slack:T1/U1'], actions: allowed }];
  const read = readConfig({ environment: { HEADROOM_ACTIONS: actions }, cloud: 'local', settings: { approvers } });
  if (!read.ok) throw new Error('no configuration');
  const clock = fakeClock();
  const ports: CheckPorts = {
    config: read.config,
    records: createMemoryRecords(),
    queue: createMemoryQueue({ clock }),
    clock,
    slack: { scopes: async () => null, isIn: async () => 'unknown' },
    destinations: [],
    ...actionDepsOf(read.config, plane ? [plane] : []),
  };
  const found = (await examine(ports)).find(({ name }) => name === 'actions');
  return found?.ok ? found.detail : [found?.problem, found?.nextStep];
}

test('actions that are off are well', async () => {
  expect(await check('off', ['*'], fakePlane())).toBe('off');
});

test('actions that nobody may approve, or that nothing could carry out, are not', async () => {
  expect(await check('on', ['ack'], fakePlane())).toEqual([
    'actions are on, and nobody may approve one',
    'Name client-policy in actions of an entry of approvers in headroom.json',
  ]);
  expect(await check('on', ['*'])).toEqual([
    'actions are on, and there is nothing that could be changed',
    expect.stringContaining('HEADROOM_LEVERS_ENDPOINT'),
  ]);
});

test('the lever store is looked at with the identity of the actor, and what it lacks is said', async () => {
  const plane = fakePlane();
  expect(await check('on', ['client-policy'], plane)).toBe('can be approved: client-policy');
  plane.failures.push({ method: 'read', error: DENIED });
  expect(await check('on', ['*'], plane)).toEqual(['the actor lacks a role', 'Grant it: az role …']);
  expect(plane.writes).toEqual([]);
});
