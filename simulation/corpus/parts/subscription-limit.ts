import { refreshCached } from '../../callers/cached.ts';
import { drawLanguage } from '../../callers/clients.ts';
import { between, logarithmic, whole } from '../../random.ts';
import { type Draw, type Part, retryOf } from '../part.ts';

/** Other vaults use the subscription's limit up: this one refuses although hardly anybody asks it. */
export function drawSubscriptionLimit(draw: Draw): Part {
  const { random, limit } = draw;
  const perSecond = (limit / 10) * between(random, 0.02, 0.1);
  const applications = whole(random, 2, 5);
  const ttlMs = 1000 * logarithmic(random, 60, 300);
  const members = Array.from({ length: applications }, (_, index) => {
    const language = drawLanguage(random);
    const secrets = whole(random, 5, 30);
    const instances = Math.max(2, Math.round((perSecond * ttlMs) / 1000 / applications / secrets));
    return { name: `${draw.name}-${index + 1}`, language, retry: retryOf(draw, language), secrets, instances };
  });
  const spells = Array.from({ length: whole(random, 1, 4) }, (_, index) => ({
    afterMs: index * 90_000 + between(random, 0, 30_000),
    forMs: between(random, 10_000, 60_000),
    refusedShare: between(random, 0.1, 0.6),
  }));
  const lastsMs = Math.max(...spells.map(({ afterMs, forMs }) => afterMs + forMs));
  return {
    kind: 'subscription-limit',
    role: 'condition',
    isSteady: false,
    lastsMs: draw.offsetMs + lastsMs,
    parameters: { applications, perSecond: Math.round(perSecond), spells: spells.length },
    play(stage) {
      const onsetMs = stage.onsetMs + draw.offsetMs;
      const appIds = members.map(({ name, language, secrets, instances, retry }) => {
        const shape = { name, client: language, instances, secrets, instancesPerAddress: draw.instancesPerAddress };
        const { application, instances: fleet, world } = stage.fleet(shape, { retry: retry.retry, isCause: true });
        refreshCached(world, fleet, { ttlMs, fromMs: () => stage.fromMs });
        return application.identity.appId;
      });
      if (!stage.calm)
        for (const { afterMs, forMs, refusedShare } of spells)
          stage.episodes.push({ fromMs: onsetMs + afterMs, toMs: onsetMs + afterMs + forMs, refusedShare });
      const [first] = spells;
      return { appId: null, appIds, onsetMs: onsetMs + (first?.afterMs ?? 0) };
    },
  };
}
