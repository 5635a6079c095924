import { drawPatientLanguage } from '../../callers/clients.ts';
import { listThenGet } from '../../callers/listings.ts';
import { between, logarithmic, whole } from '../../random.ts';
import { type Draw, type Part, retryOf, sizeFleet } from '../part.ts';

const REQUESTS_MAX = 32_000;

type Variant = { atStart?: boolean };

/** A configuration loader lists the vault and gets each secret: at each reload, or once over a large vault. */
export function drawEnumeration(draw: Draw, chosen: Variant = {}): Part {
  const { random, limit, demand } = draw;
  const need = demand * limit;
  const isLarge = chosen.atStart !== true && random() < 0.3;
  const { instances, secrets } = isLarge
    ? sizeFleet(random, need, [1_500, 6_000], [1, 6])
    : sizeFleet(random, need, [80, 600], [2, 120]);
  const rounds =
    chosen.atStart || isLarge
      ? whole(random, 1, 2)
      : Math.max(3, Math.min(whole(random, 3, 6), Math.floor(REQUESTS_MAX / need)));
  const periodMs = logarithmic(random, 30_000, 300_000);
  const withinMs = logarithmic(random, 500, chosen.atStart ? 20_000 : 8_000);
  const language = drawPatientLanguage(random);
  const retry = retryOf(draw, language);
  const together = isLarge || random() < 0.6;
  const workMs = between(random, 1, 10);
  const freshClient = chosen.atStart ?? random() < 0.5;
  return {
    kind: 'enumeration',
    role: 'trigger',
    isSteady: false,
    lastsMs: draw.offsetMs + withinMs + (chosen.atStart ? 1 : rounds - 1) * periodMs + 40_000,
    parameters: {
      ...{ client: language, retry: retry.name, instances, secrets, rounds, together, freshClient },
      periodSeconds: Math.round(periodMs / 1000),
    },
    play(stage) {
      const { instancesPerAddress } = draw;
      const shape = { name: draw.name, client: language, instances, secrets, instancesPerAddress };
      const { application, instances: fleet, world, fix } = stage.fleet(shape, { retry: retry.retry, isCause: true });
      const onsetMs = stage.onsetMs + draw.offsetMs;
      const { appId } = application.identity;
      if (stage.calm) return { appId, appIds: [appId], onsetMs };
      for (const instance of fleet)
        for (let round = 0; round < (chosen.atStart ? 1 : rounds); round++)
          listThenGet(world, instance, {
            names: application.secrets,
            atMs: onsetMs + round * periodMs + world.random() * withinMs,
            knows: fix?.fix === 'list-once' && round > 0,
            freshClient: freshClient && (round === 0 || world.random() < 0.5),
            ...{ together, workMs },
          });
      return { appId, appIds: [appId], onsetMs };
    },
  };
}
