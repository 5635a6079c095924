import { isTimeFor } from '../actions/action.ts';
import { silence as silenceUntil } from '../actions/silence.ts';
import { parseDurationMs } from '../config/duration.ts';
import type { IncidentRecord } from '../incidents/record.ts';
import type { Note } from '../model.ts';
import { mayOffer } from '../pipeline/offer.ts';
import { act } from './act.ts';
import type { Command, CommandDeps } from './command.ts';

/** Long enough to look into it; a maintenance window of the settings is for more. */
const DEFAULT_MS = 3_600_000;
const LONGEST_MS = 7 * 24 * 3_600_000;
const SHORTEST_MS = 60_000;

/** Keeps an incident from being edited and told anew; what comes of it is kept and shown when it ends. */
export const silence: Command = {
  name: silenceUntil.id,
  usage: 'silence <incident> [duration | off]',
  example: 'silence k3f7q2ab 2h',
  summary: silenceUntil.summary,
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
        const follows = (record: IncidentRecord) => mutesOutside(deps, record);
        return act(deps, { rule: silenceUntil, typed, params: { until }, detail: until ?? 'off', follows });
      },
    };
  },
};

/**
 * What could be silenced besides, where the alerts come from. Only named here: how it stands there is read by the queue, and
 * then the incident's message offers it.
 */
function mutesOutside({ actions, clock }: CommandDeps, record: IncidentRecord): Note[] {
  if (!actions || !mayOffer(record)) return [];
  const now = new Date(clock.now()).toISOString();
  const mutes = actions.rules.filter((rule) => rule.when === 'silenced' && isTimeFor(rule, record, now));
  const titles = mutes.flatMap((rule) => rule.drafts(record, actions.context).map(({ title }) => title));
  if (titles.length === 0) return [];
  const nextStep = `Its message offers it in a moment, and 'actions ${record.id}' does: ${titles.join('; ')}`;
  return [{ text: 'Headroom alone is quiet so far; others may still be told', nextStep }];
}
