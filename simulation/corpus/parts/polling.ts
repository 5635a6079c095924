import { refreshCached } from '../../callers/cached.ts';
import type { Client } from '../../callers/clients.ts';
import { pollInstances } from '../../callers/polls.ts';
import { between, logarithmic, pick } from '../../random.ts';
import { type Draw, languageOf, type Part, retryOf, sizeFleet } from '../part.ts';

const REQUESTS_MAX = 32_000;
/** Intervals that people set: the CSI driver's default is 2 min, many write 30 s or 1 min. */
const PERIODS_S: readonly [number, ...number[]] = [15, 20, 30, 30, 60, 60, 120, 120, 120, 300];

type Variant = { jitterShare?: number; isSteady?: boolean; freshClient?: boolean };

/** A driver or an operator reads each instance's whole set at a constant period. */
export function drawPolling(draw: Draw, chosen: Variant = {}): Part {
  const { random, limit, demand } = draw;
  const client: Client = pick(random, ['csi', 'csi', 'csi', 'eso', 'eso-new', 'net', 'java', 'go']);
  const retry = retryOf(draw, languageOf(client));
  const periodS = pick(random, PERIODS_S);
  const perPeriodOutOfPhase = ((demand * limit) / 10) * periodS;
  const inPhase = 4 * perPeriodOutOfPhase > REQUESTS_MAX || random() < 0.5;
  const phaseMs = inPhase ? Math.min(periodS * 500, logarithmic(random, 1_000, 10_000)) : periodS * 1000;
  const need = inPhase ? demand * limit : perPeriodOutOfPhase;
  const { instances, secrets } = sizeFleet(random, need, [4, 50], [30, 1_200]);
  const isSteady = chosen.isSteady ?? (!draw.isLong && inPhase && periodS >= 60 && random() < 0.4);
  const rounds = Math.max(4, Math.min(8, Math.floor(REQUESTS_MAX / need)));
  const lastsMs = rounds * periodS * 1000;
  const jitterShare = chosen.jitterShare ?? between(random, 0, 0.06);
  const together = client !== 'csi' && random() < 0.3;
  const workMs = between(random, 2, 12);
  return {
    kind: 'polling',
    role: isSteady ? 'condition' : 'trigger',
    isSteady,
    lastsMs: draw.offsetMs + lastsMs,
    parameters: {
      ...{ client, retry: retry.name, instances, secrets, periodSeconds: periodS, inPhase, isSteady, together },
      ...{ jitterShare: Number(jitterShare.toFixed(3)), phaseSeconds: Math.round(phaseMs / 1000), rounds },
    },
    play(stage) {
      const { instancesPerAddress } = draw;
      const shape = { name: draw.name, client, instances, secrets, instancesPerAddress };
      const { application, instances: fleet, world, fix } = stage.fleet(shape, { retry: retry.retry, isCause: true });
      const onsetMs = stage.onsetMs + draw.offsetMs;
      const periodMs = 1000 * (fix?.fix === 'refresh-interval' ? (fix.seconds ?? 3600) : periodS);
      if (!isSteady)
        // An interval of hours until somebody shortens it.
        refreshCached(world, fleet, {
          ttlMs: 4 * 3_600_000,
          fromMs: () => stage.fromMs,
          ...(!stage.calm && { untilMs: onsetMs }),
        });
      // A fleet that always had another interval is at any point of it when the log begins.
      const sinceMs = fix?.fix === 'refresh-interval' ? stage.random('polling phase')() * periodMs : 0;
      // Yesterday the fleet was as it is today where it was always so, but with room to spare.
      const members = stage.calm ? fleet.slice(0, Math.ceil(fleet.length / (2 * Math.max(1, demand)))) : fleet;
      if (isSteady || !stage.calm)
        pollInstances(world, members, {
          fromMs: isSteady ? stage.fromMs + sinceMs : onsetMs,
          untilMs: isSteady ? stage.toMs : onsetMs + lastsMs,
          freshClient: chosen.freshClient ?? false,
          ...{ periodMs, jitterShare, phaseMs, together, workMs },
        });
      const { appId } = application.identity;
      return { appId, appIds: [appId], onsetMs: isSteady ? stage.fromMs : onsetMs };
    },
  };
}
