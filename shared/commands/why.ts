import { buildMessage } from '../chat/message.ts';
import type { Command } from './command.ts';
import { findIncident } from './find-incident.ts';

/** The whole message of one incident: by its id, or that of a resource by its name: open before resolved, newest first. */
export const why: Command = {
  name: 'why',
  usage: 'why <incident>',
  example: 'why k3f7q2ab',
  summary: 'what happened, who caused it, who is hurt, what to do',
  parse(words) {
    const [given, ...rest] = words;
    if (given === undefined || rest.length > 0) return { ok: false, problem: 'why takes one incident or resource' };
    return {
      ok: true,
      async run(deps) {
        const found = await findIncident(deps, given);
        if (!found.ok) return found.reply;
        return { kind: 'message', message: buildMessage(found.record, { privacy: deps.privacy }) };
      },
    };
  },
};
