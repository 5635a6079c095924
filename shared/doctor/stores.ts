import { countWords } from '../chat/words.ts';
import type { Check } from './check.ts';

/** Whether records and queue answer, and what lies there for good. */
export const stores: Check = {
  name: 'stores',
  async run({ records, queue }) {
    await records.get({ partition: 'health', id: 'health' });
    const { waiting, dead } = await queue.depth();
    if (dead === 0) return { ok: true, detail: `they answer; waiting: ${countWords(waiting, 'message')}` };
    return {
      ok: false,
      problem: `${countWords(dead, 'message')} failed for good`,
      nextStep: "'headroom replay --list --dead' tells why; 'replay <incident>' tries again",
      command: 'npm run -s headroom -- replay --list --dead',
    };
  },
};
