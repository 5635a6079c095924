import { describe, expect, test } from 'vitest';
import { createMemoryPayloads } from '../../../shared/adapters/memory/payloads.ts';
import { createMemoryQueue } from '../../../shared/adapters/memory/queue.ts';
import { createMemoryRecords } from '../../../shared/adapters/memory/records.ts';
import { readConfig } from '../../../shared/config.ts';
import { HeadroomError } from '../../../shared/errors.ts';
import { LIMIT_PROFILES } from '../../../shared/limits.ts';
import { DEFAULT_TIMING, type WorkDeps } from '../../../shared/pipeline/deps.ts';
import { handleDelivery } from '../../../shared/pipeline/handle-delivery.ts';
import { policyOf } from '../../../shared/pipeline/policy.ts';
import type { Records } from '../../../shared/ports.ts';
import { RENDERERS, SOURCES, THREAD_RENDERERS } from '../../../shared/registry.ts';
import { collectingLog, fakeClock } from '../../kit.ts';
import { UNLEVELLED } from './kit.ts';

const clock = fakeClock();

function depsWith(records: Records): WorkDeps {
  const read = readConfig({ environment: {}, cloud: 'local' });
  const [limits] = LIMIT_PROFILES;
  if (!read.ok || !limits) throw new Error('the defaults are no configuration');
  return {
    records,
    queue: createMemoryQueue({ clock }),
    payloads: createMemoryPayloads({ clock }),
    clock,
    random: () => 0.5,
    log: collectingLog(),
    sources: SOURCES,
    senders: [],
    renderers: RENDERERS,
    threadRenderers: THREAD_RENDERERS,
    readers: [],
    policy: policyOf(read.config, limits),
    worker: 'worker-1',
    timing: DEFAULT_TIMING,
    levels: UNLEVELLED,
  };
}

/** A store that is down for reading. */
function downRecords(): Records {
  const down = async (): Promise<never> => {
    throw new HeadroomError('unavailable', 'the store is down');
  };
  return { ...createMemoryRecords(), get: down };
}

describe('a delivery by a platform’s queue', () => {
  test('from chat goes to whoever answers chat, and what that could not do is put back', async () => {
    const asked: unknown[] = [];
    const deps: WorkDeps = {
      ...depsWith(createMemoryRecords()),
      async answerChat(job) {
        asked.push(job);
        return asked.length === 1 ? { done: false, retryAfterMs: 1_000, reason: 'Slack is down' } : { done: true };
      },
    };
    const message = { v: 1, chat: { partition: 'chat/1', id: 'a' } };
    await handleDelivery(deps, message);
    clock.advance(1_000);
    const [again] = await deps.queue.receive({ max: 1, visibilityMs: 1_000 });
    expect(again?.message).toEqual(message);
    await again?.ack();
    await handleDelivery(deps, message);
    expect(asked).toEqual([message.chat, message.chat]);
    expect(await deps.queue.depth()).toMatchObject({ waiting: 0 });
  });

  test('that is done leaves nothing behind', async () => {
    const deps = depsWith(createMemoryRecords());
    await handleDelivery(deps, { v: 1, incidentId: 'abcdefgh' });
    expect(await deps.queue.depth()).toMatchObject({ waiting: 0 });
  });

  test.each([
    ['that a newer version wrote', createMemoryRecords(), { v: 2, incidentId: 'abcdefgh', more: [1] }],
    ['that met a store that is down', downRecords(), { v: 1, incidentId: 'abcdefgh' }],
    ['from chat to a process without chat', createMemoryRecords(), { v: 1, chat: { partition: 'chat/1', id: 'a' } }],
    ['from chat by a newer version', createMemoryRecords(), { v: 2, chat: { partition: 'chat/1', id: 'a' }, more: 1 }],
  ])('%s is put back whole, to come again when it has waited', async (_what, records, message) => {
    const deps = depsWith(records);
    await handleDelivery(deps, message);
    expect(await deps.queue.receive({ max: 1, visibilityMs: 1_000 })).toEqual([]);
    clock.advance(30_000);
    const [again] = await deps.queue.receive({ max: 1, visibilityMs: 1_000 });
    expect(again?.message).toEqual(message);
  });

  test.each([
    ['no object', 'text'],
    ['nothing', null],
    ['without a version', { incidentId: 'abcdefgh' }],
    ['without an incident', { v: 1 }],
    ['of a newer version without an incident', { v: 2 }],
  ])('that is %s is rejected, so that the platform lays it aside', async (_what, body) => {
    const deps = depsWith(createMemoryRecords());
    await expect(handleDelivery(deps, body)).rejects.toMatchObject({ name: 'HeadroomError', kind: 'invalid' });
    expect(await deps.queue.depth()).toMatchObject({ waiting: 0 });
  });

  test('that cannot be put back is rejected, so that the platform delivers it again', async () => {
    const deps = depsWith(downRecords());
    const send = async (): Promise<never> => {
      throw new HeadroomError('unavailable', 'the queue is down');
    };
    const body = { v: 1, incidentId: 'abcdefgh' };
    await expect(handleDelivery({ ...deps, queue: { ...deps.queue, send } }, body)).rejects.toMatchObject({
      kind: 'unavailable',
    });
  });
});
