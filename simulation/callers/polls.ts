import { between } from '../random.ts';
import { askEach, askTogether, authenticate, type Instance, secretGet, type World } from './instance.ts';

export type Polls = {
  periodMs: number;
  /** Largest part of a period by which a poll is early or late. */
  jitterShare: number;
  /** All instances within so many milliseconds of a period; the period itself where they are out of phase. */
  phaseMs: number;
  fromMs: number;
  untilMs: number;
  together: boolean;
  workMs: number;
  /** A challenge before each round, as a client made for each round draws it. */
  freshClient: boolean;
};

/** Each instance reads its whole set at a constant period. */
export function pollInstances(world: World, instances: readonly Instance[], polls: Polls): void {
  const { schedule, random } = world;
  for (const instance of instances) {
    const operations = instance.application.secrets.map(secretGet);
    const [first] = operations;
    if (first === undefined) continue;
    const read = (): void => {
      if (polls.together) askTogether(world, instance, operations);
      else askEach(world, instance, operations, polls.workMs);
    };
    const phaseMs = random() * polls.phaseMs;
    const round = (nth: number): void => {
      const jitterMs = nth === 0 ? 0 : polls.periodMs * between(random, 0, polls.jitterShare);
      const atMs = polls.fromMs + phaseMs + nth * polls.periodMs + jitterMs;
      if (atMs >= polls.untilMs) return;
      schedule.at(atMs, () => {
        if (polls.freshClient) authenticate(world, instance, first, read);
        else read();
        round(nth + 1);
      });
    };
    round(0);
  }
}
