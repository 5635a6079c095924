import { between } from '../random.ts';
import { ask, type Instance, secretGet, type World } from './instance.ts';

/** Each instance keeps each secret for `ttlMs` and refreshes it on its own time; secrets of its application by default. */
export function refreshCached(
  world: World,
  instances: readonly Instance[],
  options: { ttlMs: number; fromMs: (instance: Instance, index: number) => number; untilMs?: number },
): void {
  const { schedule, random } = world;
  const untilMs = options.untilMs ?? Number.POSITIVE_INFINITY;
  for (const [index, instance] of instances.entries()) {
    const fromMs = options.fromMs(instance, index);
    for (const secret of instance.application.secrets) {
      const refresh = (): void => {
        if (schedule.now() >= untilMs) return;
        ask(world, instance, secretGet(secret), () => undefined);
        schedule.at(schedule.now() + options.ttlMs * between(random, 0.9, 1.1), refresh);
      };
      schedule.at(fromMs + random() * options.ttlMs, refresh);
    }
  }
}
