import type { WorkDeps } from './deps.ts';
import { sweepInbox } from './sweep-inbox.ts';
import { type SweptIncidents, sweepIncidents } from './sweep-incidents.ts';

export type Swept = { inboxRequeued: number } & SweptIncidents;

/** Takes up what a dead process left: received payloads never taken in, effects never sent, runs never made. */
export async function sweep(deps: WorkDeps): Promise<Swept> {
  const inboxRequeued = await sweepInbox(deps);
  return { inboxRequeued, ...(await sweepIncidents(deps)) };
}
