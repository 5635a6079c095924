import { exponential } from '../random.ts';
import type { Application } from './application.ts';
import { refreshCached } from './cached.ts';
import { ask, askEach, authenticate, type Instance, type Operation, secretGet, type World } from './instance.ts';
import type { Retry } from './retry.ts';

function instancesOf(application: Application, retry: Retry): Instance[] {
  return application.addresses.map((address) => ({ application, address, retry }));
}

/** Keeps each secret for `ttlMs` and refreshes it on its own time: the innocent background. */
export function readThroughCache(
  world: World,
  application: Application,
  options: { ttlMs: number; retry: Retry; fromMs: number },
): void {
  refreshCached(world, instancesOf(application, options.retry), { ttlMs: options.ttlMs, fromMs: () => options.fromMs });
}

/** Now and then another operation: a signature, a listing, a write. */
export function callNowAndThen(
  world: World,
  application: Application,
  options: { operation: Operation; everyMs: number; retry: Retry; fromMs: number },
): void {
  const { schedule, random } = world;
  for (const instance of instancesOf(application, options.retry)) {
    const call = (): void => {
      ask(world, instance, options.operation, () => undefined);
      schedule.at(schedule.now() + exponential(random, options.everyMs), call);
    };
    schedule.at(options.fromMs + exponential(random, options.everyMs), call);
  }
}

/**
 * All instances start within `withinMs`, each draws one challenge and reads its whole set in order.
 * `extraSpreadMs` is the jitter that a fix adds before the first call.
 */
export function startTogether(
  world: World,
  application: Application,
  options: { atMs: number; withinMs: number; extraSpreadMs: number; workMs: number; retry: Retry },
): void {
  const { schedule, random } = world;
  const operations = application.secrets.map(secretGet);
  const [first] = operations;
  if (first === undefined) return;
  for (const instance of instancesOf(application, options.retry)) {
    const startMs = options.atMs + random() * options.withinMs + random() * options.extraSpreadMs;
    schedule.at(startMs, () =>
      authenticate(world, instance, first, () => askEach(world, instance, operations, options.workMs)),
    );
  }
}

/**
 * Reads the same few secrets again for each piece of work that comes in, unless `cacheTtlMs` says to keep them.
 * `workPerSecond` is for the whole application and may change over time; it must stay at or below `peakPerSecond`.
 */
export function readForEachPieceOfWork(
  world: World,
  application: Application,
  options: {
    workPerSecond: (timeMs: number) => number;
    peakPerSecond: number;
    cacheTtlMs: number | null;
    workMs: number;
    retry: Retry;
    fromMs: number;
  },
): void {
  const { schedule, random } = world;
  const meanMs = (1000 * application.addresses.length) / options.peakPerSecond;
  for (const instance of instancesOf(application, options.retry)) {
    const freshUntil = new Map<string, number>();
    // The instance had been running before the log begins: what it holds expires at any moment of the first period.
    const { cacheTtlMs } = options;
    if (cacheTtlMs !== null)
      for (const secret of application.secrets) freshUntil.set(secret, options.fromMs + random() * cacheTtlMs);
    const work = (): void => {
      // Thinning: candidates come at the peak rate, and each is kept with the share that holds now.
      if (random() < options.workPerSecond(schedule.now()) / options.peakPerSecond) {
        const needed = application.secrets.filter((secret) => (freshUntil.get(secret) ?? 0) <= schedule.now());
        if (cacheTtlMs !== null) for (const secret of needed) freshUntil.set(secret, schedule.now() + cacheTtlMs);
        askEach(world, instance, needed.map(secretGet), options.workMs);
      }
      schedule.at(schedule.now() + exponential(random, meanMs), work);
    };
    schedule.at(options.fromMs + exponential(random, meanMs), work);
  }
}
