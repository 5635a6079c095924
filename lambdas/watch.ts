import { type WatchDeps, type WatchReport, watch } from '../shared/pipeline/watch.ts';
import { watchDeps } from './deps.ts';

/** Every minute: takes up what was left behind, lets go of what is too old. */
export function watchHandler(deps: () => Promise<WatchDeps>) {
  return async (): Promise<WatchReport> => watch(await deps());
}

export const handler = watchHandler(watchDeps);
