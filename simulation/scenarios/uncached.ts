import { readForEachPieceOfWork } from '../callers/behaviours.ts';
import { advised, netDefault } from '../callers/retry.ts';
import { type Cast, castApplication, MINUTE_MS, playBackground, type Scenario, type Stage, worldOf } from './stage.ts';

const QUIET_MS = 20 * MINUTE_MS;
const CLIMB_MS = 0.75 * MINUTE_MS;
const BUSY_MS = MINUTE_MS;

/** An application that reads the same five secrets for each order meets the busiest minutes of its day. */
export const missingCache: Scenario = { durationMs: 30 * MINUTE_MS, play };

function play(stage: Stage): Cast {
  const bystanders = playBackground(stage);
  const culprit = castApplication(stage, { name: 'order-api', client: 'net', instances: 24, secrets: 5 });
  const { mend } = stage;
  const climbsMs = stage.startMs + QUIET_MS;
  readForEachPieceOfWork(worldOf(stage, culprit.name, true), culprit, {
    workPerSecond: (timeMs) => workPerSecond(timeMs - climbsMs),
    peakPerSecond: 86,
    cacheTtlMs: mend?.kind === 'cache' ? mend.ttlSeconds * 1000 : null,
    workMs: 6,
    retry: mend?.kind === 'backoff' ? advised : netDefault,
    fromMs: stage.startMs,
  });
  const cause = { kind: 'missing-cache', role: 'trigger', appId: culprit.identity.appId, onsetMs: climbsMs } as const;
  return { culprit, bystanders, causes: [cause] };
}

function workPerSecond(sinceClimbMs: number): number {
  if (sinceClimbMs < 0 || sinceClimbMs > CLIMB_MS + BUSY_MS) return 1;
  return 1 + 85 * Math.min(1, sinceClimbMs / CLIMB_MS);
}
