import type { ApplicationShape } from '../callers/application.ts';
import { startTogether } from '../callers/behaviours.ts';
import { advised, type Retry } from '../callers/retry.ts';
import { type Cast, castApplication, playBackground, type Scenario, type Stage, worldOf } from './stage.ts';

/** A deployment restarts a fleet at a moment of an otherwise quiet hour. */
export function startScenario(options: {
  durationMs: number;
  restartAtMs: number;
  withinMs: number;
  shape: ApplicationShape;
  retry: Retry;
  storms: boolean;
}): Scenario {
  return { durationMs: options.durationMs, play: (stage) => playStart(stage, options) };
}

function playStart(stage: Stage, options: Parameters<typeof startScenario>[0]): Cast {
  const bystanders = playBackground(stage);
  const { mend } = stage;
  const secrets = mend?.kind === 'bundle' ? 1 : options.shape.secrets;
  const culprit = castApplication(stage, {
    ...options.shape,
    secrets,
    instancesPerAddress: stage.instancesPerAddress,
  });
  const restartMs = stage.startMs + options.restartAtMs;
  startTogether(worldOf(stage, culprit.name, true), culprit, {
    atMs: restartMs,
    withinMs: options.withinMs,
    extraSpreadMs: mend?.kind === 'jitter' ? mend.spreadSeconds * 1000 : 0,
    workMs: 8,
    retry: mend?.kind === 'backoff' ? advised : options.retry,
  });
  const { appId } = culprit.identity;
  return {
    culprit,
    bystanders,
    causes: [
      { kind: 'startup-stampede', role: 'trigger', appId, onsetMs: restartMs },
      ...(options.storms ? [{ kind: 'retry-storm', role: 'amplifier', appId, onsetMs: restartMs } as const] : []),
    ],
  };
}
