import type { Check } from './check.ts';
import { probeAll } from './probes.ts';

/** Whether the webhooks that messages are posted to are reached; nothing is posted. */
export const webhooks: Check = {
  name: 'webhooks',
  async run({ senders = [] }) {
    const asked = senders.flatMap(({ key, probe }) => (probe ? [{ key, probe: () => probe() }] : []));
    return asked.length === 0 ? { ok: true, detail: 'none' } : probeAll(asked);
  },
};
