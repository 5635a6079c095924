import { timeWords } from '../chat/words.ts';
import { parseDurationMs } from '../config/duration.ts';
import { silence as silenceUntil, unsilence } from '../incidents/marks.ts';
import { act } from './act.ts';
import type { Command } from './command.ts';

/** Long enough to look into it; a maintenance window of the settings is for more. */
const DEFAULT_MS = 3_600_000;
const LONGEST_MS = 7 * 24 * 3_600_000;
const SHORTEST_MS = 60_000;

/** Keeps an incident from being edited and told anew; what comes of it is kept and shown when it ends. */
export const silence: Command = {
  name: 'silence',
  usage: 'silence <incident> [duration | off]',
  example: 'silence k3f7q2ab 2h',
  summary: 'keep it quiet for a time, an hour unless you say otherwise',
  writes: true,
  parse(words) {
    const [typed, duration, ...rest] = words;
    if (typed === undefined || rest.length > 0)
      return { ok: false, problem: 'silence takes one incident or resource, and for how long' };
    const off = duration?.toLowerCase() === 'off';
    const forMs = duration === undefined ? DEFAULT_MS : parseDurationMs(duration.toLowerCase());
    if (!off && (forMs === undefined || forMs < SHORTEST_MS || forMs > LONGEST_MS))
      return { ok: false, problem: `'${(duration ?? '').slice(0, 20)}' is no time to be silent: 1m to 7d, or off` };
    return {
      ok: true,
      run(deps) {
        const until = off ? null : new Date(deps.clock.now() + (forMs ?? DEFAULT_MS)).toISOString();
        return act(deps, {
          action: 'silence',
          typed,
          detail: until ?? 'off',
          change: (record, now) => (until === null ? unsilence(record, now) : silenceUntil(record, until)),
          says: ({ silencedUntil }) =>
            silencedUntil === undefined ? 'no longer silenced' : `silenced until ${timeWords(silencedUntil)}`,
        });
      },
    };
  },
};
