import { refreshCached } from '../../callers/cached.ts';
import { drawPatientLanguage } from '../../callers/clients.ts';
import { between, logarithmic, whole } from '../../random.ts';
import { type Draw, type Part, retryOf } from '../part.ts';

/** At the peak, with the climb before. */
const SECONDS: readonly [number, number] = [30, 70];

/**
 * Every application of the estate runs more instances than yesterday, and each instance reads as it always did. The
 * instances of the morning's peak join while the log runs. `dominantShare`: of the load, by one application alone.
 */
export function drawOrganicGrowth(draw: Draw, chosen: { dominantShare?: number } = {}): Part {
  const { random, limit, demand } = draw;
  const applications = whole(random, 6, 18);
  const growth = logarithmic(random, 1.4, 3);
  const ttlMs = 1000 * logarithmic(random, 60, 240);
  const pairs = ((demand * limit) / 10) * (ttlMs / 1000);
  const climbMs = 1000 * between(random, 20, 60);
  const lastsMs = climbMs + 1000 * between(random, ...SECONDS);
  const weights = Array.from({ length: applications }, () => between(random, 0.6, 1.4));
  const sum = weights.reduce((all, weight) => all + weight, 0);
  if (chosen.dominantShare !== undefined) weights[0] = (sum * chosen.dominantShare) / (1 - chosen.dominantShare);
  const total = weights.reduce((all, weight) => all + weight, 0);
  const members = weights.map((weight, index) => {
    const language = drawPatientLanguage(random);
    const own = (pairs * weight) / total;
    const secrets = whole(random, 15, 40);
    const instances = Math.max(3, Math.round(own / secrets));
    return { name: `${draw.name}-${index + 1}`, language, secrets, instances, retry: retryOf(draw, language) };
  });
  return {
    kind: 'organic-growth',
    role: 'condition',
    isSteady: true,
    lastsMs,
    parameters: {
      ...{ applications, growth: Number(growth.toFixed(2)), ttlSeconds: Math.round(ttlMs / 1000) },
      ...{ instances: members.reduce((all, { instances }) => all + instances, 0) },
      ...{ climbSeconds: Math.round(climbMs / 1000), dominantShare: chosen.dominantShare ?? 0 },
    },
    play(stage) {
      const onsetMs = stage.onsetMs + draw.offsetMs;
      const appIds = members.map(({ name, language, secrets, instances, retry }) => {
        const { instancesPerAddress } = draw;
        const {
          application,
          instances: fleet,
          world,
        } = stage.fleet(
          { name, client: language, instances, secrets, instancesPerAddress },
          { retry: retry.retry, isCause: true },
        );
        const yesterday = Math.max(1, Math.round(instances / growth));
        const early = Math.max(yesterday, Math.round(0.7 * instances));
        const present = stage.calm ? fleet.slice(0, yesterday) : fleet;
        refreshCached(world, present, {
          ttlMs,
          fromMs: (_, index) =>
            index < early || stage.calm
              ? stage.fromMs
              : onsetMs + (climbMs * (index - early)) / Math.max(1, instances - early),
        });
        return application.identity.appId;
      });
      return { appId: null, appIds, onsetMs };
    },
  };
}
