import { refreshCached } from '../../callers/cached.ts';
import { drawPatientLanguage } from '../../callers/clients.ts';
import { startInstance } from '../../callers/starts.ts';
import { between, logarithmic } from '../../random.ts';
import { type Draw, type Part, retryOf, sizeFleet } from '../part.ts';

/** A deployment or a scale-out: many instances start within a minute, and each reads its whole set once. */
export function drawStartupStampede(draw: Draw, chosen?: { withinSeconds: number }): Part {
  const { random, limit, demand } = draw;
  const withinMs = 1000 * (chosen?.withinSeconds ?? logarithmic(random, 2, 50));
  const need = demand * limit * Math.max(1, withinMs / 10_000);
  const { instances, secrets } = sizeFleet(random, need, [8, 60], [40, 900]);
  const language = drawPatientLanguage(random);
  const retry = retryOf(draw, language);
  const together = random() < 0.35;
  const workMs = between(random, 2, 15);
  const refreshMs = 60_000 * between(random, 30, 240);
  const isNew = random() < 0.3;
  return {
    kind: 'startup-stampede',
    role: 'trigger',
    isSteady: false,
    lastsMs: draw.offsetMs + withinMs + 20_000,
    parameters: {
      ...{ client: language, retry: retry.name, instances, secrets, withinSeconds: Math.round(withinMs / 1000) },
      ...{ together, isNew, refreshMinutes: Math.round(refreshMs / 60_000) },
    },
    play(stage) {
      const { instancesPerAddress } = draw;
      const shape = { name: draw.name, client: language, instances, secrets, instancesPerAddress };
      const { application, instances: fleet, world, fix } = stage.fleet(shape, { retry: retry.retry, isCause: true });
      const onsetMs = stage.onsetMs + draw.offsetMs;
      const { appId } = application.identity;
      if (!isNew)
        refreshCached(world, fleet, {
          ttlMs: refreshMs,
          fromMs: () => stage.fromMs,
          ...(!stage.calm && { untilMs: onsetMs }),
        });
      const spreadMs = fix?.fix === 'jittered-start' ? 1000 * (fix.seconds ?? 60) : 0;
      if (!stage.calm)
        for (const instance of fleet)
          startInstance(world, instance, {
            atMs: onsetMs + world.random() * withinMs + world.random() * spreadMs,
            ...{ together, workMs },
          });
      return { appId, appIds: [appId], onsetMs };
    },
  };
}
