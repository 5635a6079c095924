import { drawLanguage } from '../../callers/clients.ts';
import { type Operation, secretGet } from '../../callers/instance.ts';
import { keepValues } from '../../callers/keep.ts';
import { askForEachPiece } from '../../callers/work.ts';
import { between, logarithmic, type Random, whole } from '../../random.ts';
import { type Draw, type Part, retryOf } from '../part.ts';
import { drawWorkLoad, lastsMs, piecesOf, shown } from './work-load.ts';

type Variant = {
  kind: 'missing-cache' | 'client-per-call';
  /** Share of the pieces of work for which a client is made. */
  freshClientShare: number;
  /** It keeps what it read for a little while; a share of it for the whole fleet to ask as often as it is meant to. */
  keepSeconds?: number;
  isSteady?: boolean;
};

/** Each piece of work reads some of a few secrets anew, in no order of the set. */
export function drawMissingCache(draw: Draw, chosen?: Partial<Variant>): Part {
  const isSteady = chosen?.isSteady ?? (!draw.isLong && draw.random() < 0.2);
  return drawUncached(draw, { kind: 'missing-cache', freshClientShare: 0, isSteady, ...chosen });
}

/** The same with a client made for each piece of work, which draws a challenge before it reads. */
export function drawClientPerCall(draw: Draw, chosen?: Partial<Variant>): Part {
  return drawUncached(draw, { kind: 'client-per-call', freshClientShare: 1, isSteady: false, ...chosen });
}

function drawUncached(draw: Draw, variant: Variant): Part {
  const { random, limit, demand } = draw;
  const peakPerSecond = (demand * limit) / 10;
  const load = drawWorkLoad(draw, peakPerSecond, variant.isSteady === true);
  const language = drawLanguage(random);
  const retry = retryOf(draw, language);
  const keepMs = (variant.keepSeconds ?? 0) * 1000;
  const secrets = whole(random, 1, 8) * (keepMs > 0 ? 3 : 1);
  const each = Math.min(secrets, whole(random, 1, 3));
  const instances =
    keepMs > 0
      ? Math.round((peakPerSecond * keepMs) / 1000 / secrets)
      : Math.round(logarithmic(random, 4, Math.min(120, peakPerSecond)));
  const workMs = between(random, 2, 30);
  const together = random() < 0.3;
  return {
    kind: variant.kind,
    role: variant.isSteady === true ? 'condition' : 'trigger',
    isSteady: variant.isSteady === true,
    lastsMs: lastsMs(draw, load),
    parameters: {
      ...{ client: language, retry: retry.name, instances, secrets, readsPerPiece: each },
      ...{ freshClientShare: variant.freshClientShare, keepSeconds: keepMs / 1000, together },
      ...shown(load),
    },
    play(stage) {
      const { instancesPerAddress } = draw;
      const shape = { name: draw.name, client: language, instances, secrets, instancesPerAddress };
      const fleet = stage.fleet(shape, { retry: retry.retry, isCause: true });
      const { fix, world, application } = fleet;
      const onsetMs = stage.onsetMs + draw.offsetMs;
      const isKept = fix?.fix === 'cache-secrets' || fix?.fix === 'app-configuration-references';
      const keepsClient = isKept || fix?.fix === 'singleton-client';
      const members = fleet.instances.map((instance) =>
        keepMs > 0 && !isKept ? { ...instance, keep: keepValues(keepMs, stage.fromMs, world.random) } : instance,
      );
      const reads = Math.min(each, application.secrets.length);
      const asked = keepMs > 0 ? 4 : 1;
      const pieces = piecesOf(load, stage, onsetMs, reads);
      askForEachPiece(world, members, {
        perSecond: (timeMs) => asked * pieces.perSecond(timeMs),
        peakPerSecond: asked * pieces.peakPerSecond,
        choose: (own) => someOf(application.secrets, reads, own),
        freshClientShare: keepsClient ? 0 : variant.freshClientShare,
        ...{ together, workMs, fromMs: stage.fromMs },
      });
      const { appId } = application.identity;
      return { appId, appIds: [appId], onsetMs };
    },
  };
}

function someOf(secrets: readonly string[], count: number, random: Random): Operation[] {
  const first = Math.floor(random() * secrets.length);
  const step = secrets.length > 2 ? whole(random, 1, secrets.length - 1) : 1;
  return Array.from({ length: count }, (_, index) => secretGet(secrets[(first + index * step) % secrets.length] ?? ''));
}
