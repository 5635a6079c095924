import { lognormal } from '../random.ts';
import { ask, type Instance, type Operation, type World } from './instance.ts';

/** A job: its workers take one item after the other from a common list until nothing is left. */
export function drainList(
  world: World,
  instances: readonly Instance[],
  options: { items: readonly Operation[]; workersPerInstance: number; itemMs: number; fromMs: number; untilMs: number },
): void {
  const { schedule, random } = world;
  let taken = 0;
  for (const instance of instances)
    for (let worker = 0; worker < options.workersPerInstance; worker++) {
      const next = (): void => {
        const item = options.items[taken];
        if (item === undefined || schedule.now() >= options.untilMs) return;
        taken++;
        ask(world, instance, item, () => schedule.at(schedule.now() + lognormal(random, options.itemMs, 0.4), next));
      };
      schedule.at(options.fromMs + random() * options.itemMs, next);
    }
}
