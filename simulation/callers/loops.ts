import { between } from '../random.ts';
import { ask, type Instance, type Operation, type World } from './instance.ts';

/** Asks for the same things again and again, whatever the answer, with a pause after each; ends by itself once served. */
export function loopOver(
  world: World,
  instances: readonly Instance[],
  options: { operations: readonly Operation[]; pauseMs: number; fromMs: number; withinMs: number; untilMs: number },
): void {
  const { schedule, random } = world;
  const { operations, pauseMs, untilMs } = options;
  for (const instance of instances) {
    const turn = (nth: number): void => {
      const operation = operations[nth % operations.length];
      if (operation === undefined || schedule.now() >= untilMs) return;
      ask(world, instance, operation, (served) => {
        // What has been read is kept: the loop is only about what fails.
        const left = served && nth >= operations.length - 1 ? null : between(random, 0.7, 1.3) * pauseMs;
        if (left !== null) schedule.at(schedule.now() + left, () => turn(nth + 1));
      });
    };
    schedule.at(options.fromMs + random() * options.withinMs, () => turn(0));
  }
}
