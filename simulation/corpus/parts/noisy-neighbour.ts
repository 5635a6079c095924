import { drawPatientLanguage } from '../../callers/clients.ts';
import { drainList } from '../../callers/drain.ts';
import { type Operation, secretGet } from '../../callers/instance.ts';
import { askForEachPiece } from '../../callers/work.ts';
import { between, logarithmic, type Random, whole } from '../../random.ts';
import { type Draw, type Part, retryOf } from '../part.ts';
import { drawWorkLoad, lastsMs, piecesOf, shown } from './work-load.ts';

type Variant = { isJob?: boolean /** How often each item is read on average while it lasts. */; readsEach?: number };

/** From asking to the answer, with nothing in between. */
const ANSWER_MS = 20;

/**
 * One application's work needs as much as it asks for: another tenant's secret for each request that comes in, or a job
 * over all tenants. Nothing is read twice to speak of, nothing in order, with one client per process.
 */
export function drawNoisyNeighbour(draw: Draw, chosen: Variant = {}): Part {
  const { random, limit, demand } = draw;
  const peakPerSecond = (demand * limit) / 10;
  const isJob = chosen.isJob ?? random() < 0.3;
  const isSteady = !isJob && !draw.isLong && random() < 0.3;
  const load = drawWorkLoad(draw, peakPerSecond, isSteady);
  const language = drawPatientLanguage(random);
  const retry = retryOf(draw, language);
  const seconds = (load.climbMs + load.holdMs) / 1000;
  const items = Math.round((peakPerSecond * seconds) / (chosen.readsEach ?? between(random, 0.8, 1.6)));
  const instances = Math.round(logarithmic(random, 6, isJob ? 40 : 100));
  const workers = Math.max(1, Math.round((logarithmic(random, 0.06, 0.5) * peakPerSecond) / instances));
  const itemMs = Math.max(1, (1000 * instances * workers) / peakPerSecond - ANSWER_MS);
  const certificateShare = random() < 0.5 ? between(random, 0.02, 0.2) : 0;
  return {
    kind: 'noisy-neighbour',
    role: 'condition',
    isSteady,
    lastsMs: lastsMs(draw, load) + (isJob ? 20_000 : 0),
    parameters: {
      ...{ client: language, retry: retry.name, instances, items, isJob, workersPerInstance: workers },
      ...shown(load),
      certificateShare: Number(certificateShare.toFixed(2)),
    },
    play(stage) {
      const { instancesPerAddress } = draw;
      const shape = { name: draw.name, client: language, instances, secrets: 0, instancesPerAddress };
      const { application, instances: fleet, world } = stage.fleet(shape, { retry: retry.retry, isCause: true });
      const onsetMs = stage.onsetMs + draw.offsetMs;
      const { appId } = application.identity;
      const itemOf = (nth: number, own: Random): Operation =>
        own() < certificateShare
          ? { name: 'CertificateGet', path: `/certificates/tenant-${nth}-tls` }
          : secretGet(`tenant-${nth}-connection`);
      if (isJob && !stage.calm) {
        const all = Array.from({ length: items }, (_, index) => itemOf(index + 1, world.random));
        drainList(world, fleet, {
          items: all,
          workersPerInstance: workers,
          itemMs,
          fromMs: onsetMs,
          untilMs: stage.toMs,
        });
      }
      if (!isJob)
        askForEachPiece(world, fleet, {
          ...piecesOf(load, stage, onsetMs, 1),
          choose: (own) => [itemOf(whole(own, 1, items), own)],
          ...{ freshClientShare: 0, together: false, workMs: 5, fromMs: stage.fromMs },
        });
      return { appId, appIds: [appId], onsetMs };
    },
  };
}
