import { readForEachPieceOfWork, startTogether } from '../callers/behaviours.ts';
import { netDefault, pythonDefault } from '../callers/retry.ts';
import { castApplication, MINUTE_MS, playBackground, type Scenario, worldOf } from './stage.ts';

/** A busy quarter of an hour within the limit: a rolling restart and an application without a cache, nobody refused. */
export const healthy: Scenario = {
  durationMs: 30 * MINUTE_MS,
  play(stage) {
    const bystanders = playBackground(stage);
    const rolling = castApplication(stage, { name: 'payment-api', client: 'java', instances: 60, secrets: 20 });
    startTogether(worldOf(stage, rolling.name), rolling, {
      atMs: stage.startMs + 20 * MINUTE_MS,
      withinMs: 30_000,
      extraSpreadMs: 0,
      workMs: 8,
      retry: netDefault,
    });
    const steady = castApplication(stage, { name: 'price-api', client: 'python', instances: 6, secrets: 3 });
    readForEachPieceOfWork(worldOf(stage, steady.name), steady, {
      workPerSecond: () => 4,
      peakPerSecond: 4,
      cacheTtlMs: null,
      workMs: 6,
      retry: pythonDefault,
      fromMs: stage.startMs,
    });
    return { culprit: null, bystanders: [...bystanders, rolling, steady], causes: [] };
  },
};
