import { DEFAULT_QUEUE, queueNameOf } from '../shared/adapters/azure/stores.ts';
import type { Config, ConfigProblem } from '../shared/config.ts';

/** The host delivers from the one queue that `main.ts` names: whatever is sent to another would lie there for ever. */
export function deafQueue({ queue }: Config): ConfigProblem[] {
  if (queue.kind !== 'storage' || queueNameOf(queue.url) === DEFAULT_QUEUE) return [];
  const nextStep = `Name the queue ${DEFAULT_QUEUE}, or give the address of the account alone.`;
  return [{ name: 'HEADROOM_QUEUE', problem: 'names a queue that no function listens to', nextStep }];
}
