import type { ChatSender } from '../../shared/ports.ts';
import { azureAlert } from '../shared/pipeline/kit.ts';

const RESOURCES = 500;

/** One webhook call: when it is due, and its body. */
export type Call = { atMs: number; body: string };

/**
 * So many alerts on 500 vaults over the time: half of them in one minute, as in a storm, the others evenly. Each vault's
 * alerts fire and resolve by turns.
 */
export function* callsOver(options: { alerts: number; startMs: number; lengthMs: number }): Generator<Call> {
  const { alerts, startMs, lengthMs } = options;
  const stormFromMs = lengthMs / 3;
  const stormMs = Math.min(60_000, lengthMs / 10);
  const calm = Math.ceil(alerts / 2);
  const due = [
    ...Array.from({ length: calm }, (_, i) => (i / calm) * lengthMs),
    ...Array.from({ length: alerts - calm }, (_, i) => stormFromMs + (i / (alerts - calm)) * stormMs),
  ].sort((a, b) => a - b);
  const firedAt: string[] = [];
  for (const [nth, offsetMs] of due.entries()) {
    const atMs = Math.floor(startMs + offsetMs);
    const vault = nth % RESOURCES;
    const turn = Math.floor(nth / RESOURCES);
    const at = new Date(atMs).toISOString();
    const isFired = turn % 2 === 0;
    if (isFired) firedAt[vault] = at;
    const sketch = { rule: `kv-throttled-${turn >> 1}`, vaults: [`kv-${vault}`], firedAt: firedAt[vault] ?? at };
    const alert = isFired ? sketch : { ...sketch, resolvedAt: at, condition: 'Resolved' as const };
    yield { atMs, body: JSON.stringify(azureAlert(alert)) };
  }
}

export type Counting = ChatSender & { posts(): number; edits(): number; repeated(): number };

/** A chat that remembers no more than which incidents were posted. */
export function countingChat(): Counting {
  const posted = new Set<string>();
  const count = { posts: 0, edits: 0, repeated: 0 };
  return {
    key: 'slack-bot:C1',
    platform: 'text',
    canEdit: true,
    posts: () => count.posts,
    edits: () => count.edits,
    repeated: () => count.repeated,
    async post({ incidentId }) {
      count.posts += 1;
      if (posted.has(incidentId)) count.repeated += 1;
      posted.add(incidentId);
      return { ref: incidentId };
    },
    async edit(ref) {
      count.edits += 1;
      return { ref };
    },
    find: async (incidentId) => (posted.has(incidentId) ? { ref: incidentId } : 'absent'),
  };
}
