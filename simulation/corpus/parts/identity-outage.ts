import { refreshCached } from '../../callers/cached.ts';
import { drawPatientLanguage } from '../../callers/clients.ts';
import { loseTokens } from '../../callers/outage.ts';
import { between, logarithmic, whole } from '../../random.ts';
import { type Draw, type Part, retryOf, sizeFleet } from '../part.ts';

/** All that the callers ask before the outage, per second, so that the log stays readable. */
const USUAL_PER_SECOND: readonly [number, number] = [2, 14];

/**
 * The token service is gone for minutes: several applications fall silent but for challenges, and come back together with
 * everything expired. `lostShare`: of their instances; the others hold a token that still lasts.
 */
export function drawIdentityOutage(draw: Draw, chosen: { lostShare?: number } = {}): Part {
  const { random, limit, demand } = draw;
  const applications = whole(random, 3, 8);
  const outageMs = 60_000 * between(random, 2, 12);
  const againMs = 1000 * logarithmic(random, 5, 25);
  const lostShare = chosen.lostShare ?? between(random, 0.75, 1);
  const need = demand * limit * Math.max(1, againMs / 10_000);
  const ttlMs = Math.min(1_800_000, Math.max(90_000, (1000 * need) / lostShare / between(random, ...USUAL_PER_SECOND)));
  const members = Array.from({ length: applications }, (_, index) => {
    const language = drawPatientLanguage(random);
    const size = sizeFleet(random, need / lostShare / applications, [5, 40], [8, 250]);
    return { name: `${draw.name}-${index + 1}`, language, retry: retryOf(draw, language), ...size };
  });
  const workMs = between(random, 2, 12);
  return {
    kind: 'identity-outage',
    role: 'trigger',
    isSteady: false,
    lastsMs: draw.offsetMs + outageMs + 2 * againMs + 20_000,
    parameters: {
      ...{
        applications,
        outageMinutes: Number((outageMs / 60_000).toFixed(1)),
        lostShare: Number(lostShare.toFixed(2)),
      },
      ...{ againSeconds: Math.round(againMs / 1000), ttlSeconds: Math.round(ttlMs / 1000) },
      instances: members.reduce((all, { instances }) => all + instances, 0),
    },
    play(stage) {
      const onsetMs = stage.onsetMs + draw.offsetMs;
      const appIds = members.map(({ name, language, retry, instances, secrets }) => {
        const { instancesPerAddress } = draw;
        const {
          application,
          instances: fleet,
          world,
          fix,
        } = stage.fleet(
          { name, client: language, instances, secrets, instancesPerAddress },
          { retry: retry.retry, isCause: true },
        );
        const lost = stage.calm ? [] : fleet.slice(0, Math.round(lostShare * fleet.length));
        refreshCached(world, fleet.slice(lost.length), { ttlMs, fromMs: () => stage.fromMs });
        refreshCached(world, lost, { ttlMs, fromMs: () => stage.fromMs, untilMs: onsetMs });
        const spreadMs = fix?.fix === 'jittered-start' ? 1000 * (fix.seconds ?? 60) : 0;
        loseTokens(world, lost, {
          fromMs: onsetMs,
          toMs: onsetMs + outageMs,
          noticedWithinMs: Math.min(60_000, ttlMs / 4),
          ...{ againMs, spreadMs, workMs },
          done: (instance) => refreshCached(world, [instance], { ttlMs, fromMs: () => stage.schedule.now() }),
        });
        return application.identity.appId;
      });
      return { appId: null, appIds, onsetMs };
    },
  };
}
