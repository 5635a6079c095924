import { type Application, type ApplicationShape, createApplication } from '../callers/application.ts';
import { callNowAndThen, readThroughCache } from '../callers/behaviours.ts';
import type { World } from '../callers/instance.ts';
import { netDefault, pythonDefault, type Retry } from '../callers/retry.ts';
import { between, seededRandom } from '../random.ts';
import type { Schedule } from '../schedule.ts';
import type { SimulatedVault } from '../vault.ts';

/** The same fleet with one thing mended: what a prediction is compared with. */
export type Mend =
  | { kind: 'cache'; ttlSeconds: number }
  | { kind: 'jitter'; spreadSeconds: number }
  | { kind: 'backoff' }
  | { kind: 'bundle' }
  | { kind: 'separate-vault' };

export type Stage = {
  seed: number;
  startMs: number;
  endMs: number;
  schedule: Schedule;
  vault: SimulatedVault;
  /** Stands by for a fleet that is given a vault of its own. */
  secondVault: SimulatedVault;
  mend: Mend | null;
  /** Instances of a starting fleet that share one translated address. */
  instancesPerAddress: number;
};

type TrueCause = { kind: string; role: 'trigger' | 'amplifier'; appId: string; onsetMs: number };

export type Cast = { causes: TrueCause[]; culprit: Application | null; bystanders: Application[] };

export type Scenario = { durationMs: number; play(stage: Stage): Cast };

/** Where an application lives: its own randomness, and the vault it shares unless it was given its own. */
export function worldOf(stage: Stage, name: string, isCulprit = false): World {
  const vault = isCulprit && stage.mend?.kind === 'separate-vault' ? stage.secondVault : stage.vault;
  return { schedule: stage.schedule, vault, random: seededRandom(stage.seed, name) };
}

export function castApplication(stage: Stage, shape: ApplicationShape): Application {
  return createApplication(shape, seededRandom(stage.seed, `application:${shape.name}`));
}

const BACKGROUND: readonly (ApplicationShape & { ttlMs: number; retry: Retry })[] = [
  { name: 'catalogue-api', client: 'net', instances: 8, secrets: 6, ttlMs: 180_000, retry: netDefault },
  { name: 'invoice-worker', client: 'python', instances: 4, secrets: 5, ttlMs: 90_000, retry: pythonDefault },
  { name: 'mail-relay', client: 'go', instances: 3, secrets: 3, ttlMs: 120_000, retry: netDefault },
  { name: 'reporting', client: 'java', instances: 5, secrets: 8, ttlMs: 180_000, retry: netDefault },
  { name: 'session-api', client: 'net', instances: 10, secrets: 4, ttlMs: 90_000, retry: netDefault },
  { name: 'stock-sync', client: 'python', instances: 2, secrets: 7, ttlMs: 60_000, retry: pythonDefault },
];

/** Six innocent applications that cache, one of which also signs and one of which lists and writes now and then. */
export function playBackground(stage: Stage): Application[] {
  const applications = BACKGROUND.map((shape) => {
    const application = castApplication(stage, shape);
    const world = worldOf(stage, shape.name);
    const ttlMs = shape.ttlMs * between(world.random, 0.8, 1.2);
    readThroughCache(world, application, { ttlMs, retry: shape.retry, fromMs: stage.startMs });
    return application;
  });
  const [signer, writer] = applications;
  if (signer !== undefined)
    callNowAndThen(worldOf(stage, 'sign'), signer, {
      operation: { name: 'KeySign', path: '/keys/catalogue-signing/4c1c9a3f7c0e4f0fae1f4b6c2b1d8e55/sign' },
      everyMs: 60_000,
      retry: netDefault,
      fromMs: stage.startMs,
    });
  if (writer !== undefined)
    for (const operation of [
      { name: 'SecretList', path: '/secrets' },
      { name: 'SecretSet', path: '/secrets/invoice-run-state' },
    ])
      callNowAndThen(worldOf(stage, operation.name), writer, {
        operation,
        everyMs: 240_000,
        retry: pythonDefault,
        fromMs: stage.startMs,
      });
  return applications;
}

export const MINUTE_MS = 60_000;
