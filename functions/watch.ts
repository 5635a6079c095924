import { noteDepth } from '../shared/adapters/telemetry/attributes.ts';
import * as pipeline from '../shared/pipeline/watch.ts';
import { telemetry, watchDeps } from './deps.ts';

/** Every minute: takes up what was left behind, lets go of what is too old. */
export async function watch(): Promise<void> {
  await telemetry.call('watch', async () => {
    const deps = await watchDeps();
    await pipeline.watch(deps);
    if (telemetry.on) await noteDepth(telemetry, deps.queue);
  });
}
