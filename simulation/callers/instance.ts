import { lognormal, type Random } from '../random.ts';
import type { Schedule } from '../schedule.ts';
import type { SimulatedVault } from '../vault.ts';
import type { Application } from './application.ts';
import type { Retry } from './retry.ts';

/** Where callers live: virtual time, the vault they share, and the randomness of this caller alone. */
export type World = { schedule: Schedule; vault: SimulatedVault; random: Random };

/** One process of an application. */
export type Instance = { application: Application; address: string; retry: Retry };

export type Operation = { name: string; path: string };

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

/** Asks until served or until the retry policy gives up. */
export function ask(
  world: World,
  instance: Instance,
  operation: Operation,
  done: (served: boolean) => void,
  refusals = 0,
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
  if (status === 200) {
    schedule.at(answeredMs, () => done(true));
    return;
  }
  const waitMs = retry(refusals + 1, random);
  if (waitMs === null) schedule.at(answeredMs, () => done(false));
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
