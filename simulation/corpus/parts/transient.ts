import { refreshCached } from '../../callers/cached.ts';
import { drawPatientLanguage } from '../../callers/clients.ts';
import { pollInstances } from '../../callers/polls.ts';
import { advised } from '../../callers/retry.ts';
import { between, whole } from '../../random.ts';
import { type Draw, type Part, sizeFleet } from '../part.ts';

/** Jobs of several applications happen to fall on the same moment, once: none of them is large. */
export function drawTransient(draw: Draw, chosen: { dominantShare?: number } = {}): Part {
  const { random, limit, demand } = draw;
  const applications = whole(random, 3, 6);
  const weights = Array.from({ length: applications }, () => between(random, 0.7, 1.3));
  const sum = weights.reduce((all, weight) => all + weight, 0);
  if (chosen.dominantShare !== undefined) weights[0] = (sum * chosen.dominantShare) / (1 - chosen.dominantShare);
  const total = weights.reduce((all, weight) => all + weight, 0);
  const spreadMs = between(random, 8_500, 10_000);
  const members = weights.map((weight, index) => ({
    name: `${draw.name}-${index + 1}`,
    language: drawPatientLanguage(random),
    atMs: between(random, 0, 400),
    ...sizeFleet(random, (demand * limit * weight) / total, [8, 60], [10, 200]),
  }));
  return {
    kind: 'transient',
    role: 'condition',
    isSteady: false,
    lastsMs: draw.offsetMs + 15_000,
    parameters: {
      ...{ applications, instances: members.reduce((all, { instances }) => all + instances, 0) },
      ...{ spreadSeconds: Math.round(spreadMs / 1000), dominantShare: chosen.dominantShare ?? 0 },
    },
    play(stage) {
      const onsetMs = stage.onsetMs + draw.offsetMs;
      const appIds = members.map(({ name, language, instances, secrets, atMs }) => {
        const { instancesPerAddress } = draw;
        const {
          application,
          instances: fleet,
          world,
        } = stage.fleet(
          { name, client: language, instances, secrets, instancesPerAddress },
          { retry: advised, isCause: true },
        );
        refreshCached(world, fleet, { ttlMs: 120 * 60_000, fromMs: () => stage.fromMs });
        if (!stage.calm)
          pollInstances(world, fleet, {
            ...{ periodMs: 3_600_000, jitterShare: 0, phaseMs: spreadMs, fromMs: onsetMs + atMs },
            ...{ untilMs: stage.toMs, together: false, workMs: 4, freshClient: false },
          });
        return application.identity.appId;
      });
      return { appId: null, appIds, onsetMs };
    },
  };
}
