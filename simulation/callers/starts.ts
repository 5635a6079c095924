import type { Random } from '../random.ts';
import { askEach, askTogether, authenticate, type Instance, secretGet, type World } from './instance.ts';

export type Start = {
  atMs: number;
  /** Parallel reads instead of one after the other. */
  together: boolean;
  workMs: number;
};

/** A process starts: it has nothing yet, draws a challenge, and reads its whole set in order. */
export function startInstance(
  world: World,
  instance: Instance,
  start: Start,
  done: (complete: boolean) => void = () => undefined,
): void {
  const operations = instance.application.secrets.map(secretGet);
  const [first] = operations;
  if (first === undefined) return;
  world.schedule.at(start.atMs, () => {
    instance.keep?.clear();
    authenticate(world, instance, first, () => {
      if (start.together) askTogether(world, instance, operations, done);
      else askEach(world, instance, operations, start.workMs, done);
    });
  });
}

/** Starts an instance that dies some time after each start and is started again by its platform. */
export function restartInstance(
  world: World,
  instance: Instance,
  options: Start & { rounds: number; gapMs: (round: number) => number },
  round = 1,
): void {
  let ended = false;
  // What a dead process was refused it does not ask for again.
  const process = {
    ...instance,
    retry: (refusals: number, random: Random) => (ended ? null : instance.retry(refusals, random)),
  };
  startInstance(world, process, options);
  if (round >= options.rounds) return;
  const againMs = options.atMs + options.gapMs(round);
  world.schedule.at(againMs, () => {
    ended = true;
    restartInstance(world, instance, { ...options, atMs: againMs }, round + 1);
  });
}

/** What Kubernetes waits before it starts a crashed container again: 10 s, doubled, at most 5 min. @see kubelet back-off */
export function kubernetesBackoffMs(round: number): number {
  return Math.min(300_000, 10_000 * 2 ** (round - 1));
}
