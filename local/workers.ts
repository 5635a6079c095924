import { isHeadroomError } from '../shared/errors.ts';
import type { Log, Queue, QueueDelivery } from '../shared/ports.ts';

export type WorkersOptions = {
  /** Messages worked on at once: the work waits for others (chat, logs), so a few more than cores. */
  concurrency: number;
  /** How long a message is hidden while it is worked on; a dead process's messages come back after it. */
  visibilityMs: number;
  /** Pause between looks at an empty queue. */
  idleMs: number;
};

export const WORKERS: WorkersOptions = { concurrency: 8, visibilityMs: 120_000, idleMs: 100 };

/** Works the queue until stopped; `stop` resolves once what was begun has ended. */
export function startWorkers(
  queue: Queue,
  handle: (message: unknown) => Promise<void>,
  options: WorkersOptions & { sleep(ms: number, signal: AbortSignal): Promise<void>; log: Log },
): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  const loop = run();

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const free = options.concurrency - running.size;
      const deliveries = free > 0 ? await receive(free) : [];
      for (const delivery of deliveries) {
        const one = work(delivery).finally(() => running.delete(one));
        running.add(one);
      }
      if (deliveries.length === 0) await pause();
    }
  }

  async function receive(free: number): Promise<QueueDelivery[]> {
    try {
      return await queue.receive({ max: Math.min(free, 32), visibilityMs: options.visibilityMs });
    } catch (error) {
      options.log.error('queue-unavailable', { error: error instanceof Error ? error.message : 'unknown' });
      await options.sleep(1_000, stopping.signal).catch(() => undefined);
      return [];
    }
  }

  async function work(delivery: QueueDelivery): Promise<void> {
    try {
      await handle(delivery.message);
      await delivery.ack();
    } catch (error) {
      await lay(delivery, error);
    }
  }

  /** What no waiting mends goes to the dead letters; what else failed comes back after its visibility has run out. */
  async function lay(delivery: QueueDelivery, error: unknown): Promise<void> {
    const reason = error instanceof Error ? error.message : 'unknown';
    options.log.error('message-failed', { attempts: delivery.attempts, error: reason });
    if (isHeadroomError(error) && error.kind === 'invalid') await delivery.bury(reason).catch(() => undefined);
  }

  /** Until something can have changed: a little while, or one of the running ones ending. */
  async function pause(): Promise<void> {
    const waited = options.sleep(options.idleMs, stopping.signal).catch(() => undefined);
    await (running.size >= options.concurrency ? Promise.race([waited, ...running]) : waited);
  }

  return {
    async stop() {
      stopping.abort();
      await loop;
      await Promise.all(running);
    },
  };
}
