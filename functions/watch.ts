import * as pipeline from '../shared/pipeline/watch.ts';
import { watchDeps } from './deps.ts';

/** Every minute: takes up what was left behind, lets go of what is too old. */
export async function watch(): Promise<void> {
  await pipeline.watch(await watchDeps());
}
