import { createSlots } from '../../pacing/slots.ts';
import type { Clock } from '../../ports.ts';
import type { ArmClient } from './arm.ts';

/**
 * Reads of a subscription: a bucket of 250 that refills with 25 a second. What others read of it is left some room.
 *
 * @see https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling (read 2026-11-21)
 */
const PACE = { intervalMs: 50, burst: 200 } as const;

/** The client, held to a pace at which Resource Manager serves: hundreds of resources are read one by one. */
export function paceReads(arm: ArmClient, clock: Clock): ArmClient {
  const slots = createSlots(PACE);
  let asked = 0;

  async function turn(): Promise<void> {
    asked += 1;
    const name = String(asked);
    for (let now = clock.now(); ; now = clock.now()) {
      const at = slots.reserve(name, now);
      if (at <= now) break;
      await clock.sleep(at - now);
    }
    slots.use(name);
  }

  return {
    async get(what, path, query, signal) {
      await turn();
      return arm.get(what, path, query, signal);
    },
    ask: (what, path, query, body, signal) => arm.ask(what, path, query, body, signal),
    async *pages(what, path, query, signal) {
      await turn();
      yield* arm.pages(what, path, query, signal);
    },
  };
}
