import { describe, expect, test } from 'vitest';
import { startWorkers, type WorkersOptions } from '../../local/workers.ts';
import { createMemoryQueue } from '../../shared/adapters/memory/queue.ts';
import { HeadroomError } from '../../shared/errors.ts';
import type { Queue } from '../../shared/ports.ts';
import { collectingLog, type FakeClock, fakeClock } from '../kit.ts';

const OPTIONS: WorkersOptions = { concurrency: 2, visibilityMs: 120_000, idleMs: 100 };

function scene(handle: (message: unknown) => Promise<void>, given: (queue: Queue) => Queue = (queue) => queue) {
  const clock = fakeClock();
  const memory = createMemoryQueue({ clock });
  const log = collectingLog();
  const workers = startWorkers(given(memory), handle, { ...OPTIONS, sleep: clock.sleep, log });
  return { clock, queue: memory, log, workers };
}

const message = (incidentId: string) => ({ v: 1 as const, incidentId });

/** Lets what is under way go on, and time pass where it waits, until something holds. */
async function until(clock: FakeClock, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 200; turn += 1) {
    if (await holds()) return;
    await new Promise<void>((resolve) => setImmediate(resolve));
    clock.advance(OPTIONS.idleMs);
  }
  throw new Error('it never came to that');
}

describe('the workers', () => {
  test('hand each message over once and take it off the queue', async () => {
    const handled: unknown[] = [];
    const { clock, queue, workers } = scene(async (given) => {
      handled.push(given);
    });
    for (const id of ['aaaaaaaa', 'bbbbbbbb', 'cccccccc']) await queue.send(message(id));
    await until(clock, () => handled.length === 3);
    await workers.stop();
    expect(handled).toEqual([message('aaaaaaaa'), message('bbbbbbbb'), message('cccccccc')]);
    expect(await queue.depth()).toMatchObject({ waiting: 0 });
    expect(await queue.dead(10)).toEqual([]);
  });

  test('work on no more at once than they may, and begin the next when one ends', async () => {
    const ends = new Map<string, () => void>();
    const { clock, queue, workers } = scene(
      (given) => new Promise<void>((resolve) => ends.set(JSON.stringify(given), resolve)),
    );
    for (const id of ['aaaaaaaa', 'bbbbbbbb', 'cccccccc']) await queue.send(message(id));
    await until(clock, () => ends.size === 2);
    for (let turn = 0; turn < 20; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
    expect(ends.size).toBe(2);
    ends.get(JSON.stringify(message('aaaaaaaa')))?.();
    await until(clock, () => ends.size === 3);
    for (const end of ends.values()) end();
    await workers.stop();
  });

  test('lay aside what no waiting mends, with the reason', async () => {
    const { clock, queue, log, workers } = scene(async () => {
      throw new HeadroomError('invalid', 'the message names no incident');
    });
    await queue.send(message('aaaaaaaa'));
    await until(clock, async () => (await queue.dead(10)).length === 1);
    await workers.stop();
    expect(await queue.dead(10)).toMatchObject([
      { message: message('aaaaaaaa'), attempts: 1, reason: 'the message names no incident' },
    ]);
    expect(log.events).toMatchObject([{ level: 'error', event: 'message-failed', fields: { attempts: 1 } }]);
  });

  test('leave what else failed to come back after its visibility, and then ack it', async () => {
    let failures = 1;
    const handled: number[] = [];
    const { clock, queue, workers } = scene(async () => {
      handled.push(clock.now());
      if (failures-- > 0) throw new HeadroomError('unavailable', 'the store is locked');
    });
    const startMs = clock.now();
    await queue.send(message('aaaaaaaa'));
    await until(clock, () => handled.length === 1);
    clock.advance(OPTIONS.visibilityMs);
    await until(clock, () => handled.length === 2);
    await until(clock, async () => (await queue.depth()).waiting === 0);
    await workers.stop();
    expect((handled[1] ?? 0) - startMs).toBeGreaterThanOrEqual(OPTIONS.visibilityMs);
    expect(await queue.dead(10)).toEqual([]);
  });

  test('wait while the queue is down, say so, and go on when it is back', async () => {
    let failures = 2;
    const handled: unknown[] = [];
    const { clock, queue, log, workers } = scene(
      async (given) => {
        handled.push(given);
      },
      (real) => ({
        ...real,
        async receive(options) {
          if (failures-- > 0) throw new HeadroomError('unavailable', 'the queue does not answer');
          return real.receive(options);
        },
      }),
    );
    await queue.send(message('aaaaaaaa'));
    await until(clock, () => handled.length === 1);
    await workers.stop();
    expect(log.events).toEqual(
      Array.from({ length: 2 }, () => ({
        level: 'error',
        event: 'queue-unavailable',
        fields: { error: 'the queue does not answer' },
      })),
    );
    expect(clock.slept.filter((ms) => ms === 1_000)).toHaveLength(2);
  });

  test('stop at once while idle, and only after its end while something is worked on', async () => {
    const idle = scene(async () => undefined);
    await idle.workers.stop();

    const end = Promise.withResolvers<void>();
    let begun = false;
    const busy = scene(() => {
      begun = true;
      return end.promise;
    });
    await busy.queue.send(message('aaaaaaaa'));
    await until(busy.clock, () => begun);
    let stopped = false;
    const stopping = busy.workers.stop().then(() => {
      stopped = true;
    });
    for (let turn = 0; turn < 20; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
    expect(stopped).toBe(false);
    end.resolve();
    await stopping;
    expect(await busy.queue.depth()).toMatchObject({ waiting: 0 });
  });
});
