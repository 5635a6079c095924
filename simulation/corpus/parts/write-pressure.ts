import { refreshCached } from '../../callers/cached.ts';
import { drawLanguage } from '../../callers/clients.ts';
import { drainList } from '../../callers/drain.ts';
import { ask, type Operation, secretGet } from '../../callers/instance.ts';
import { between, logarithmic, pick, whole } from '../../random.ts';
import { type Draw, type Part, retryOf } from '../part.ts';

/** Secrets written, and certificates and keys imported, per 10 s. @see https://learn.microsoft.com/azure/key-vault/general/service-limits */
export const CREATES_PER_WINDOW = 300;
/** A write takes longer than a read, with the call around it. */
const WRITE_MS = 25;

/** A seeding job, a migration or a rotation writes faster than the lower limit for writes admits. */
export function drawWritePressure(draw: Draw): Part {
  const { random, demand } = draw;
  const perSecond = (demand * CREATES_PER_WINDOW) / 10;
  const seconds = logarithmic(random, 20, 150);
  const writes = Math.round(perSecond * seconds);
  const language = drawLanguage(random);
  const retry = retryOf(draw, language);
  const operation = pick(random, ['SecretSet', 'SecretSet', 'SecretSet', 'CertificateImport', 'KeyImport']);
  const instances = whole(random, 1, 8);
  const workers = Math.max(1, Math.round(Math.max(perSecond * 0.06, logarithmic(random, 2, 40)) / instances));
  const itemMs = Math.max(1, (1000 * instances * workers) / perSecond - WRITE_MS);
  const isRotation = operation === 'SecretSet' && random() < 0.35;
  const readers = whole(random, 2, 12);
  const dayTtlMs = 60_000 * between(random, 20, 90);
  return {
    kind: 'write-pressure',
    role: 'trigger',
    isSteady: false,
    lastsMs: draw.offsetMs + seconds * 1000 + 30_000,
    parameters: {
      ...{ client: language, retry: retry.name, operation, instances, workersPerInstance: workers, writes, isRotation },
      ...{ perSecond: Math.round(perSecond), itemMs: Math.round(itemMs), readers },
    },
    play(stage) {
      const { instancesPerAddress } = draw;
      const shape = { name: draw.name, client: language, instances, secrets: 6, instancesPerAddress };
      const { application, instances: fleet, world } = stage.fleet(shape, { retry: retry.retry, isCause: true });
      const onsetMs = stage.onsetMs + draw.offsetMs;
      const { appId } = application.identity;
      refreshCached(world, fleet, { ttlMs: dayTtlMs, fromMs: () => stage.fromMs });
      if (stage.calm) return { appId, appIds: [appId], onsetMs };
      const folder =
        operation === 'CertificateImport' ? 'certificates' : operation === 'KeyImport' ? 'keys' : 'secrets';
      const items = Array.from(
        { length: writes },
        (_, index): Operation => ({ name: operation, path: `/${folder}/${draw.name}-item-${index + 1}` }),
      );
      drainList(world, fleet, { items, workersPerInstance: workers, itemMs, fromMs: onsetMs, untilMs: stage.toMs });
      if (isRotation) {
        // Whoever holds a rotated secret is told, and reads the new version.
        const told = stage.fleet(
          { name: `${draw.name}-reader`, client: 'net', instances: readers, secrets: 1 },
          { retry: retry.retry },
        );
        for (const [index, item] of items.entries()) {
          const instance = told.instances[index % told.instances.length];
          if (instance === undefined) continue;
          const atMs = onsetMs + ((index + 1) * 1000) / perSecond + between(world.random, 500, 5_000);
          const read = secretGet(item.path.slice('/secrets/'.length));
          stage.schedule.at(atMs, () => ask(told.world, instance, read, () => undefined));
        }
      }
      return { appId, appIds: [appId], onsetMs };
    },
  };
}
