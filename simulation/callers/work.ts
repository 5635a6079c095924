import { exponential, type Random } from '../random.ts';
import { askEach, askTogether, authenticate, type Instance, type Operation, type World } from './instance.ts';

export type Work = {
  /** Pieces of work for the whole application; at or below `peakPerSecond` at any time. */
  perSecond: (timeMs: number) => number;
  peakPerSecond: number;
  /** What one piece asks of the vault. */
  choose: (random: Random) => readonly Operation[];
  /** Share of the pieces for which a new client is made, which draws a challenge; 0 keeps one. */
  freshClientShare: number;
  together: boolean;
  workMs: number;
  fromMs: number;
};

/** Work that comes in by chance, each piece at one instance, and asks the vault anew for what it needs. */
export function askForEachPiece(world: World, instances: readonly Instance[], work: Work): void {
  const { schedule, random } = world;
  const meanMs = (1000 * instances.length) / work.peakPerSecond;
  for (const instance of instances) {
    const piece = (): void => {
      // Thinning: candidates come at the peak rate, and each is kept with the share that holds now.
      if (random() < work.perSecond(schedule.now()) / work.peakPerSecond) carryOut(world, instance, work);
      schedule.at(schedule.now() + exponential(random, meanMs), piece);
    };
    schedule.at(work.fromMs + exponential(random, meanMs), piece);
  }
}

function carryOut(world: World, instance: Instance, work: Work): void {
  const operations = work.choose(world.random);
  const [first] = operations;
  if (first === undefined) return;
  const asks = (): void => {
    if (work.together) askTogether(world, instance, operations);
    else askEach(world, instance, operations, work.workMs);
  };
  if (work.freshClientShare > 0 && world.random() < work.freshClientShare) authenticate(world, instance, first, asks);
  else asks();
}

/** A load that climbs from its usual share to its peak, stays there and falls back. */
export function climb(options: {
  usual: number;
  peak: number;
  onsetMs: number;
  climbMs: number;
  holdMs: number;
}): (timeMs: number) => number {
  const { usual, peak, onsetMs, climbMs, holdMs } = options;
  return (timeMs) => {
    const since = timeMs - onsetMs;
    if (since < 0 || since > climbMs + holdMs) return usual;
    return usual + (peak - usual) * Math.min(1, since / Math.max(1, climbMs));
  };
}
