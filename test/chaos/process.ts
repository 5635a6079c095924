import { startWorkers } from '../../local/workers.ts';
import { HeadroomError } from '../../shared/errors.ts';
import { protect } from '../../shared/pipeline/guard.ts';
import { handleDelivery } from '../../shared/pipeline/handle-delivery.ts';
import { createLevels } from '../../shared/pipeline/levels.ts';
import { type WatchDeps, watch } from '../../shared/pipeline/watch.ts';
import type {
  ChatSender,
  Clock,
  ControlPlane,
  EvidenceReader,
  Queue,
  QueueDelivery,
  Random,
} from '../../shared/ports.ts';
import type { Fault, FaultDesk } from './faults.ts';
import type { Timeline } from './timeline.ts';

/** One process of an installation: it receives, works the queue and watches, until it dies at some call of a port. */
export type Process = {
  name: string;
  deps: WatchDeps;
  isDead(): boolean;
  died: Promise<void>;
};

export type Around = {
  timeline: Timeline;
  startMs: number;
  desk: FaultDesk;
  random: Random;
  trace(line: string): void;
  onKill(): void;
};

/** The fake chats take a message a second, as Slack does. */
const RATE = { intervalMs: 1_000, burst: 1 };
const RATES = { slack: null, teams: null, text: { post: RATE, edit: RATE } };

const WORKERS = { concurrency: 4, visibilityMs: 120_000, idleMs: 5_000 };
const WATCH_EVERY_MS = 60_000;

/** How long a call takes when nothing is wrong with it. */
const LONGEST_CALL_MS = 60;

const NEVER = new Promise<never>(() => undefined);

/** @param skewMs by how much its clock is ahead of the others' */
export function startProcess(around: Around, shared: WatchDeps, name: string, skewMs: number): Process {
  const { timeline, startMs, desk, random } = around;
  let dead = false;
  let die = (): void => undefined;
  const died = new Promise<void>((resolve) => {
    die = () => {
      if (!dead) around.onKill();
      dead = true;
      resolve();
    };
  });
  const alive = async <T>(promise: Promise<T>): Promise<T> => {
    try {
      const result = await promise;
      return dead ? NEVER : result;
    } catch (error) {
      if (dead) return NEVER;
      throw error;
    }
  };
  const clock: Clock = {
    now: () => timeline.now() + skewMs,
    sleep: (ms, signal) => alive(timeline.wait(ms, signal)),
  };

  /** One call, with whatever it meets; `run` takes effect. */
  async function call(target: string, about: string, run: Run, signal?: AbortSignal): Promise<unknown> {
    if (dead) return NEVER;
    const elapsedMs = timeline.now() - startMs;
    const fault = desk.next(target, elapsedMs);
    const says = (what: string): void =>
      around.trace(
        `${((timeline.now() - startMs) / 1_000).toFixed(3).padStart(9)} s ${name} ${target} ${about} ${what}`,
      );
    if (fault) says(`<- ${fault.kind}`);
    if (fault?.kind === 'kill before') {
      die();
      return NEVER;
    }
    if (random() < 0.5) await timeline.wait(Math.floor(random() * LONGEST_CALL_MS), signal);
    if (dead) return NEVER;
    const result = await alive(meet(target, fault, run, signal));
    if (fault?.kind === 'kill after') {
      die();
      return NEVER;
    }
    if (!fault) says(result === 'conflict' ? '-> conflict' : '');
    return result;
  }

  async function meet(
    target: string,
    fault: Fault | undefined,
    run: Run,
    signal: AbortSignal | undefined,
  ): Promise<unknown> {
    switch (fault?.kind) {
      case 'unavailable':
        throw new HeadroomError('unavailable', 'answered 503');
      case 'throttled':
        throw new HeadroomError('throttled', 'answered 429');
      case 'throttled for a time':
        throw new HeadroomError('throttled', 'answered 429', { retryAfterMs: fault.amountMs });
      case 'full disk':
        throw new HeadroomError('unavailable', 'committing failed: database or disk is full');
      case 'lost answer':
        await run();
        throw new HeadroomError('timed-out', 'no answer in time');
      case 'reset':
        await run();
        throw new HeadroomError(target === 'webhook.post' ? 'timed-out' : 'unavailable', 'connection reset');
      case 'slow':
        await timeline.wait(fault.amountMs, signal);
        return run();
      case 'half-open':
        await timeline.wait(fault.amountMs, signal);
        throw new HeadroomError('timed-out', 'no answer in time');
      case 'half-open with effect':
        await run();
        await timeline.wait(fault.amountMs, signal);
        throw new HeadroomError('timed-out', 'no answer in time');
      default:
        return run(fault);
    }
  }

  function wrap<P extends object>(port: P, portName: string, special: Special = {}): P {
    return new Proxy(port, {
      get(target, method) {
        const member: unknown = Reflect.get(target, method);
        if (typeof member !== 'function' || method === 'covers') return member;
        return (...given: unknown[]): Promise<unknown> => {
          const plain = async (...asked: unknown[]): Promise<unknown> => Reflect.apply(member, target, asked);
          const changed = special[String(method)];
          const run: Run = (fault) => (fault && changed ? changed(fault, plain, given) : plain(...given));
          const signal = given.find((one) => one instanceof AbortSignal);
          return call(`${portName}.${String(method)}`, aboutOf(given[0]), run, signal);
        };
      },
    });
  }

  const queue: Queue = {
    ...methodsOf(wrap(shared.queue, 'queue', QUEUE)),
    receive: async (options) => {
      const deliveries = await wrap(shared.queue, 'queue', QUEUE).receive(options);
      return deliveries.map((delivery): QueueDelivery => wrap(delivery, 'delivery'));
    },
  };
  const deps: WatchDeps = {
    ...shared,
    clock,
    random,
    worker: name,
    levels: createLevels({ clock, random }, RATES),
    records: wrap(shared.records, 'records', {
      put: async (fault, plain, given) => {
        if (fault.kind === 'conflict') await touch(shared, given[0]);
        return plain(...given);
      },
    }),
    queue,
    payloads: wrap(shared.payloads, 'payloads'),
    senders: shared.senders.map((sender): ChatSender => wrap(sender, sender.canEdit ? 'bot' : 'webhook')),
    ...(shared.actions
      ? {
          actions: {
            ...shared.actions,
            planes: shared.actions.planes.map((plane): ControlPlane => wrap(plane, 'plane')),
          },
        }
      : {}),
    readers: shared.readers.map((reader): EvidenceReader => wrap(reader, 'logs')),
  };
  const working = protect(deps);
  startWorkers(working.queue, (message) => handleDelivery(working, message), {
    ...WORKERS,
    sleep: clock.sleep,
    log: deps.log,
  });
  void watchEveryMinute(working, Math.floor(random() * WATCH_EVERY_MS));
  return { name, deps, isDead: () => dead, died };
}

type Run = (fault?: Fault) => Promise<unknown>;
type Special = Record<
  string,
  (fault: Fault, plain: (...asked: unknown[]) => Promise<unknown>, given: unknown[]) => Promise<unknown>
>;

/** What a queue does that delivers at least once, in any order, and hides a message only for so long. */
const QUEUE: Special = {
  async send(fault, plain, [message, options]) {
    const { delayMs = 0 } = (options ?? {}) as { delayMs?: number };
    if (fault.kind === 'duplicate') await plain(message, options);
    return plain(message, { delayMs: fault.kind === 'late' ? delayMs + fault.amountMs : delayMs });
  },
  receive(fault, plain, [options]) {
    const asked = options as { max: number; visibilityMs: number };
    return plain(fault.kind === 'short visibility' ? { ...asked, visibilityMs: fault.amountMs } : asked);
  },
};

function methodsOf(queue: Queue): Queue {
  const { send, receive, depth, dead } = queue;
  return { send, receive, depth, dead };
}

/** Another worker writes the record as it is: it has another revision then. */
async function touch({ records }: WatchDeps, key: unknown): Promise<void> {
  const at = key as { partition: string; id: string };
  const stored = await records.get(at);
  if (stored) await records.put(at, stored.value, stored.revision);
}

async function watchEveryMinute(deps: WatchDeps, firstMs: number): Promise<void> {
  await deps.clock.sleep(firstMs);
  for (;;) {
    try {
      await watch(deps);
    } catch (error) {
      deps.log.warn('watch-failed', { error: error instanceof Error ? error.message : 'unknown' });
    }
    await deps.clock.sleep(WATCH_EVERY_MS);
  }
}

/** What a call is about, for the trace. */
function aboutOf(given: unknown): string {
  if (typeof given === 'string') return given;
  if (typeof given !== 'object' || given === null) return '';
  if ('partition' in given && 'id' in given) return `${String(given.partition)}/${String(given.id)}`;
  if ('revision' in given && 'incidentId' in given)
    return `${String(given.incidentId)} revision ${String(given.revision)}`;
  return 'incidentId' in given ? JSON.stringify(given) : '';
}
