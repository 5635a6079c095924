import { between } from '../random.ts';
import { askEach, authenticate, type Instance, secretGet, type World } from './instance.ts';

/**
 * No token is to be had from `fromMs` to `toMs`: each instance draws a challenge, gets no token, and asks again after about
 * `againMs`. When tokens come back it reads its whole set, which has expired meanwhile.
 */
export function loseTokens(
  world: World,
  instances: readonly Instance[],
  options: {
    fromMs: number;
    toMs: number;
    noticedWithinMs: number;
    againMs: number;
    /** How long a fix spreads the first reads after it. */
    spreadMs: number;
    workMs: number;
    done: (instance: Instance) => void;
  },
): void {
  const { schedule, random } = world;
  const { fromMs, toMs, againMs, spreadMs, workMs } = options;
  for (const instance of instances) {
    const operations = instance.application.secrets.map(secretGet);
    const [first] = operations;
    if (first === undefined) continue;
    const attempt = (): void => {
      const hasToken = schedule.now() >= toMs;
      authenticate(world, instance, first, () => {
        if (hasToken)
          schedule.at(schedule.now() + random() * spreadMs, () =>
            askEach(world, instance, operations, workMs, () => options.done(instance)),
          );
        else schedule.at(schedule.now() + againMs * between(random, 0.8, 1.2), attempt);
      });
    };
    schedule.at(fromMs + random() * options.noticedWithinMs, attempt);
  }
}
