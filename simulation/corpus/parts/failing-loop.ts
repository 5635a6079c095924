import { drawLanguage } from '../../callers/clients.ts';
import { secretGet } from '../../callers/instance.ts';
import { loopOver } from '../../callers/loops.ts';
import { askForEachPiece } from '../../callers/work.ts';
import { between, logarithmic, whole } from '../../random.ts';
import { type Draw, type Part, retryOf } from '../part.ts';

const REQUESTS_MAX = 25_000;
/** From asking to the answer, with nothing in between. */
const ANSWER_MS = 8;

/** A permission was taken away or a name is gone, and the callers ask again and again. */
export function drawFailingLoop(draw: Draw, chosen?: { failingShare: number }): Part {
  const { random, limit, demand } = draw;
  const perSecond = (demand * limit) / 10;
  const failingShare = chosen?.failingShare ?? between(random, 0.7, 0.98);
  const instances = Math.round(logarithmic(random, 8, 250));
  const pauseMs = Math.max(5, (1000 * instances) / (perSecond * failingShare) - ANSWER_MS);
  const status = random() < 0.6 ? 403 : 404;
  const secrets = whole(random, 4, 20);
  const failing = whole(random, 1, Math.min(5, secrets - 2));
  const language = drawLanguage(random);
  const retry = retryOf(draw, language);
  const untilMs = Math.min((1000 * REQUESTS_MAX) / perSecond, between(random, 40_000, 240_000));
  const withinMs = logarithmic(random, 1_000, 60_000);
  return {
    kind: 'failing-loop',
    role: 'trigger',
    isSteady: false,
    lastsMs: draw.offsetMs + withinMs + untilMs,
    parameters: {
      ...{ client: language, retry: retry.name, instances, secrets, failing, status },
      ...{ failingShare: Number(failingShare.toFixed(2)), pauseMs: Math.round(pauseMs) },
    },
    play(stage) {
      const { instancesPerAddress } = draw;
      const shape = { name: draw.name, client: language, instances, secrets, instancesPerAddress };
      const { application, instances: fleet, world, fix } = stage.fleet(shape, { retry: retry.retry, isCause: true });
      const onsetMs = stage.onsetMs + draw.offsetMs;
      const endMs = onsetMs + withinMs + untilMs;
      const { appId } = application.identity;
      const lost = application.secrets.slice(0, failing).map(secretGet);
      const kept = application.secrets.slice(failing).map(secretGet);
      const isGranted = fix?.fix === 'grant-or-rename';
      if (!stage.calm && !isGranted) for (const { path } of lost) stage.faults.set(path, { status, fromMs: onsetMs });
      const served = perSecond * (1 - failingShare);
      const usual = Math.min(served, perSecond * 0.01);
      askForEachPiece(world, fleet, {
        perSecond: (timeMs) => (stage.calm || timeMs < onsetMs || timeMs > endMs ? usual : served),
        peakPerSecond: served,
        choose: (own) => kept.slice(Math.floor(own() * kept.length)).slice(0, 1),
        ...{ freshClientShare: 0, together: false, workMs: 5, fromMs: stage.fromMs },
      });
      if (!stage.calm) loopOver(world, fleet, { operations: lost, pauseMs, fromMs: onsetMs, withinMs, untilMs: endMs });
      return { appId, appIds: [appId], onsetMs };
    },
  };
}
