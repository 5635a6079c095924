import { refreshCached } from '../../callers/cached.ts';
import { drawPatientLanguage } from '../../callers/clients.ts';
import { kubernetesBackoffMs, restartInstance } from '../../callers/starts.ts';
import { between, logarithmic, whole } from '../../random.ts';
import { type Draw, type Part, retryOf, sizeFleet } from '../part.ts';

const ROUNDS_REQUESTS_MAX = 32_000;
const LONGEST_MS = 12 * 60_000;

/** Instances crash some time after each start; their platform starts them again, and each start reads the whole set. */
export function drawRestartLoop(draw: Draw, chosen?: { rounds?: number; gapSeconds?: number }): Part {
  const { random, limit, demand } = draw;
  const withinMs = logarithmic(random, 2_000, 15_000);
  const need = demand * limit * Math.max(1, withinMs / 10_000);
  const { instances, secrets } = sizeFleet(random, need, [8, 60], [20, 600]);
  const language = drawPatientLanguage(random);
  const retry = retryOf(draw, language);
  const platform = chosen?.gapSeconds === undefined && random() < 0.5 ? 'kubernetes' : 'fixed';
  const fixedMs = 1000 * (chosen?.gapSeconds ?? logarithmic(random, 12, 150));
  const lifeMs = between(random, 2_000, 8_000);
  const gapOf = (round: number): number => lifeMs + (platform === 'kubernetes' ? kubernetesBackoffMs(round) : fixedMs);
  const affordable = Math.max(3, Math.floor(ROUNDS_REQUESTS_MAX / need));
  const rounds = chosen?.rounds ?? Math.min(whole(random, 4, 9), affordable, roundsWithin(LONGEST_MS, gapOf));
  const loopMs = Array.from({ length: rounds - 1 }, (_, index) => gapOf(index + 1)).reduce((sum, ms) => sum + ms, 0);
  const together = random() < 0.25;
  const workMs = between(random, 2, 15);
  return {
    kind: 'restart-loop',
    role: 'trigger',
    isSteady: false,
    lastsMs: draw.offsetMs + withinMs + loopMs + 20_000,
    parameters: {
      ...{ client: language, retry: retry.name, instances, secrets, rounds, platform, together },
      ...{ withinSeconds: Math.round(withinMs / 1000), gapSeconds: Math.round(gapOf(1) / 1000) },
    },
    play(stage) {
      const { instancesPerAddress } = draw;
      const shape = { name: draw.name, client: language, instances, secrets, instancesPerAddress };
      const { application, instances: fleet, world, fix } = stage.fleet(shape, { retry: retry.retry, isCause: true });
      const onsetMs = stage.onsetMs + draw.offsetMs;
      const { appId } = application.identity;
      refreshCached(world, fleet, {
        ttlMs: 90 * 60_000,
        fromMs: () => stage.fromMs,
        ...(!stage.calm && { untilMs: onsetMs }),
      });
      if (stage.calm) return { appId, appIds: [appId], onsetMs };
      const { random: own } = world;
      const spreadMs = fix?.fix === 'jittered-start' ? 1000 * (fix.seconds ?? 60) : 0;
      const slowMs = fix?.fix === 'slow-restarts' && fix.seconds !== undefined ? 1000 * fix.seconds : null;
      for (const instance of fleet)
        restartInstance(world, instance, {
          atMs: onsetMs + own() * withinMs + own() * spreadMs,
          rounds: fix?.fix === 'slow-restarts' && slowMs === null ? 1 : rounds,
          gapMs: (round) =>
            slowMs === null ? gapOf(round) * between(own, 0.95, 1.05) : slowMs * between(own, 0.5, 1.5),
          ...{ together, workMs },
        });
      return { appId, appIds: [appId], onsetMs };
    },
  };
}

function roundsWithin(longestMs: number, gapOf: (round: number) => number): number {
  let rounds = 1;
  for (let ms = gapOf(1); ms <= longestMs && rounds < 20; ms += gapOf(rounds)) rounds++;
  return Math.max(3, rounds);
}
