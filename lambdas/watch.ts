import { noteDepth } from '../shared/adapters/telemetry/attributes.ts';
import { type WatchDeps, type WatchReport, watch } from '../shared/pipeline/watch.ts';
import { telemetry, watchDeps } from './deps.ts';
import { measured } from './measured.ts';

/** Every minute: takes up what was left behind, lets go of what is too old. */
export function watchHandler(deps: () => Promise<WatchDeps>) {
  return async (): Promise<WatchReport> => {
    const ready = await deps();
    const report = await watch(ready);
    if (telemetry.on) await noteDepth(telemetry, ready.queue);
    return report;
  };
}

export const handler = measured('watch', watchHandler(watchDeps));
