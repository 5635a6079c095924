/** What every entry of a cloud's process stands on; `functions/deps.ts` and `lambdas/deps.ts` say which it is. */

import type { CloudStores } from '../adapters/stores.ts';
import { openStores, type Stores, unavailableStores } from '../adapters/stores.ts';
import { systemClock, systemRandom } from '../adapters/system/clock.ts';
import { observePorts } from '../adapters/telemetry/observe.ts';
import type { Recorder } from '../adapters/telemetry/recorder.ts';
import type { Config, ConfigProblem } from '../config.ts';
import { asHeadroomError, type HeadroomError } from '../errors.ts';
import type { ReceiveDeps } from '../pipeline/deps.ts';
import { tellWrite } from '../pipeline/tell.ts';
import type { Log } from '../ports.ts';
import { limitProblems } from './limits.ts';

export type Ground = {
  log: Log;
  telemetry: Recorder;
  /** Names this process in the claims that it makes. */
  worker: string;
  /** Stores by where they are, each opened once. */
  opened: Map<string, Promise<Stores>>;
  cloudStores(config: Config): CloudStores;
};

/** What this process cannot do with a configuration that is right in itself. */
export async function groundProblems(config: Config, stores: CloudStores): Promise<ConfigProblem[]> {
  return [...unavailableStores(config, stores), ...(await limitProblems(config))];
}

/**
 * Stores, clock, randomness and log, as the first steps of each entry take them.
 *
 * @throws HeadroomError what opening the stores throws, after the log has it: routes answer without detail
 */
export async function baseDeps(ground: Ground, config: Config): Promise<ReceiveDeps> {
  const { records, queue, payloads } = await storesOf(ground, config);
  return { records, queue, payloads, clock: systemClock, random: systemRandom, log: ground.log };
}

/** Measured, where telemetry is wanted. */
export function observed<D extends ReceiveDeps>({ telemetry }: Ground, deps: D): D {
  return telemetry.on ? observePorts(deps, { telemetry, now: () => systemClock.now(), tell: tellWrite }) : deps;
}

async function storesOf(ground: Ground, config: Config): Promise<Stores> {
  const { opened } = ground;
  const place = JSON.stringify([config.home, config.records, config.queue, config.payloads, config.endpoints]);
  const opening = opened.get(place) ?? openStores(config, systemClock, ground.cloudStores(config));
  opened.set(place, opening);
  return opening.catch((error: unknown) => {
    opened.delete(place);
    throw logged(ground, error);
  });
}

function logged({ log }: Ground, error: unknown): HeadroomError {
  const known = asHeadroomError(error, 'unavailable', 'the stores could not be opened');
  log.error('stores-unavailable', { kind: known.kind, error: known.message, nextStep: known.nextStep });
  return known;
}
