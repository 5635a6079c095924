import { durationWords } from '../chat/words.ts';
import type { Check } from './check.ts';
import { probeAll } from './probes.ts';

/** Whether those who are called when nobody acknowledges are reached; nobody is called. */
export const escalation: Check = {
  name: 'escalation',
  async run({ escalation: calls }) {
    if (!calls) return { ok: true, detail: 'nobody is called: headroom.json has no escalation' };
    const probed = await probeAll(calls.targets.map((target) => ({ key: target.key, probe: () => target.probe() })));
    return probed.ok ? { ok: true, detail: `after ${durationWords(calls.afterMs / 1_000)}: ${probed.detail}` } : probed;
  },
};
