import { lognormal, type Random } from '../random.ts';
import type { Schedule } from '../schedule.ts';
import type { SimulatedVault } from '../vault.ts';
import type { Application } from './application.ts';
import type { Keep } from './keep.ts';
import type { Retry } from './retry.ts';

/** Where callers live: virtual time, the vault they share, and the randomness of this caller alone. */
export type World = { schedule: Schedule; vault: SimulatedVault; random: Random };

/** One process of an application. */
export type Instance = {
  application: Application;
  address: string;
  retry: Retry;
  /** What it keeps instead of asking again; absent where it asks each time. */
  keep?: Keep;
  /** The moment at which a queue before the vault lets the next request through; absent where there is none. */
  queue?: (nowMs: number) => number;
};

export type Operation = {
  name: string;
  path: string;
  /** What the call is about where the path does not tell: the data key that is unwrapped. */
  item?: string;
};

export function secretGet(secret: string): Operation {
  return { name: 'SecretGet', path: `/secrets/${secret}` };
}

/** The first call of a fresh client carries no token and draws a 401; `then` runs when the token is at hand. */
export function authenticate(world: World, instance: Instance, first: Operation, then: () => void): void {
  const { schedule, vault, random } = world;
  const { application, address } = instance;
  const { latencyMs } = vault.ask({
    timeMs: schedule.now(),
    operation: 'Authentication',
    path: first.path,
    address,
    clientInfo: application.clientInfo,
  });
  schedule.at(schedule.now() + latencyMs + lognormal(random, 40, 0.3), then);
}

/** Asks until answered or until the retry policy gives up; `served` is false for 403 and 404 too. */
export function ask(
  world: World,
  instance: Instance,
  operation: Operation,
  done: (served: boolean) => void,
  refusals = 0,
): void {
  const { schedule } = world;
  if (instance.keep?.holds(operation, schedule.now())) {
    schedule.at(schedule.now(), () => done(true));
    return;
  }
  const turnMs = instance.queue?.(schedule.now()) ?? schedule.now();
  if (turnMs > schedule.now()) schedule.at(turnMs, () => send(world, instance, operation, done, refusals));
  else send(world, instance, operation, done, refusals);
}

function send(
  world: World,
  instance: Instance,
  operation: Operation,
  done: (served: boolean) => void,
  refusals: number,
): void {
  const { schedule, vault, random } = world;
  const { application, address, retry } = instance;
  const { status, latencyMs } = vault.ask({
    timeMs: schedule.now(),
    operation: operation.name,
    path: operation.path,
    address,
    clientInfo: application.clientInfo,
    identity: application.identity,
  });
  const answeredMs = schedule.now() + latencyMs;
  if (status === 200) instance.keep?.put(operation, answeredMs);
  const waitMs = status === 429 ? retry(refusals + 1, random) : null;
  if (waitMs === null) schedule.at(answeredMs, () => done(status === 200));
  else schedule.at(answeredMs + waitMs, () => ask(world, instance, operation, done, refusals + 1));
}

/** One after the other with a little work between; stops at the first that is given up. */
export function askEach(
  world: World,
  instance: Instance,
  operations: readonly Operation[],
  workMs: number,
  done: (served: boolean) => void = () => undefined,
  index = 0,
): void {
  const operation = operations[index];
  if (operation === undefined) {
    done(true);
    return;
  }
  ask(world, instance, operation, (served) => {
    if (!served) {
      done(false);
      return;
    }
    const { schedule, random } = world;
    schedule.at(schedule.now() + lognormal(random, workMs, 0.5), () =>
      askEach(world, instance, operations, workMs, done, index + 1),
    );
  });
}

/** All at once, as a loader with parallel reads does; `done` when the last one has been answered. */
export function askTogether(
  world: World,
  instance: Instance,
  operations: readonly Operation[],
  done: (served: boolean) => void = () => undefined,
): void {
  let open = operations.length;
  let all = true;
  if (open === 0) done(true);
  for (const operation of operations)
    ask(world, instance, operation, (served) => {
      all &&= served;
      if (--open === 0) done(all);
    });
}
