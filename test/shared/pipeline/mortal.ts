import type { Queue, QueueDelivery } from '../../../shared/ports.ts';

/**
 * A process that dies: from its death on, nothing it has asked for ever answers, so that no line of it runs on, no
 * `catch` and no `finally`. That is what `kill -9` does.
 */
export type Life = {
  /** Steps that changed something outside, so far. */
  steps: string[];
  /**
   * For each step whether time had passed or a message was taken since the one before: only then is it another world that a
   * process leaves which dies before it than one that dies after the last.
   */
  isLaterStep: boolean[];
  /** Resolves when it dies. */
  died: Promise<void>;
  isDead(): boolean;
  /** Puts a port into the hands of this process: `changing` names the methods that are steps. */
  wrap<P extends object>(port: P, name: string, changing: readonly (keyof P)[]): P;
  wrapQueue(queue: Queue): Queue;
  /** What it waits for ends only while it lives. */
  outlive<T>(waited: Promise<T>): Promise<T>;
};

/** At which step it dies, and whether what the step does is still done. */
export type Death = { step: number; when: 'before' | 'after' };

const NEVER = new Promise<never>(() => undefined);

/** @param now epoch milliseconds; default: each step is held to be a later one */
export function liveUntil(death?: Death, now: () => number = () => Number.NaN): Life {
  const steps: string[] = [];
  const isLaterStep: boolean[] = [];
  let stoodAtMs = Number.NaN;
  let dead = false;
  let die = (): void => undefined;
  const died = new Promise<void>((resolve) => {
    die = () => {
      dead = true;
      resolve();
    };
  });

  async function step<T>(name: string, run: () => Promise<T>): Promise<T> {
    if (dead) return NEVER;
    steps.push(name);
    isLaterStep.push(stoodAtMs !== now());
    stoodAtMs = now();
    const isLast = death?.step === steps.length;
    if (isLast && death.when === 'before') die();
    if (dead) return NEVER;
    const result = await run();
    if (isLast) die();
    return dead ? NEVER : result;
  }

  async function look<T>(run: () => Promise<T>): Promise<T> {
    if (dead) return NEVER;
    const result = await run();
    return dead ? NEVER : result;
  }

  function wrap<P extends object>(port: P, name: string, changing: readonly (keyof P)[]): P {
    const changes = new Set<PropertyKey>(changing);
    return new Proxy(port, {
      get(target, method) {
        const member: unknown = Reflect.get(target, method);
        if (typeof member !== 'function') return member;
        return (...given: unknown[]): unknown => {
          const run = async (): Promise<unknown> => Reflect.apply(member, target, given);
          return changes.has(method) ? step(`${name}.${String(method)} ${aboutOf(given[0])}`, run) : look(run);
        };
      },
    });
  }

  function wrapQueue(queue: Queue): Queue {
    const wrapped = wrap(queue, 'queue', ['send']);
    return {
      ...wrapped,
      send: wrapped.send,
      depth: wrapped.depth,
      dead: wrapped.dead,
      async receive(options) {
        const deliveries = await wrapped.receive(options);
        if (deliveries.length > 0) stoodAtMs = Number.NaN;
        return deliveries.map((delivery): QueueDelivery => wrap(delivery, 'delivery', ['ack', 'retry', 'bury']));
      },
    };
  }

  async function outlive<T>(waited: Promise<T>): Promise<T> {
    try {
      const result = await waited;
      return dead ? NEVER : result;
    } catch (error) {
      if (dead) return NEVER;
      throw error;
    }
  }

  return { steps, isLaterStep, died, isDead: () => dead, wrap, wrapQueue, outlive };
}

/** What a step is about, for the name of a failing test. */
function aboutOf(given: unknown): string {
  if (typeof given === 'string') return given;
  if (typeof given === 'object' && given !== null && 'partition' in given && 'id' in given)
    return `${String(given.partition)}/${String(given.id)}`;
  return '';
}
