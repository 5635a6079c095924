import { HeadroomError } from '../../errors.ts';
import type { ChatSender } from '../../ports.ts';
import { postJson, problemOf, secretUrl } from '../post-json.ts';
import { reach } from '../reach.ts';

export type TeamsWorkflowOptions = {
  /** The workflow's address with its signature: a secret. */
  url: string;
  /** Tells several workflows apart in keys and routes: `teams-workflow:<name>`. */
  name?: string;
  /** Base URL in place of the workflow's own, for emulators and proxies. */
  endpoint?: string;
  /** For everything, the answer included; default 5,000. */
  timeoutMs?: number;
};

/** Connectors told of their failures inside a 200, and proxies of them may still. */
const FAILURE_INSIDE = /HTTP error (\d{3})\b/i;

/**
 * Posts to a Teams Workflows webhook ("When a Teams webhook request is received"), which can neither edit nor be asked.
 * 202 means accepted, not shown: a card that the flow then refuses is lost without a word, so cards are kept well below
 * the size limit when they are rendered.
 */
export function teamsWorkflow(options: TeamsWorkflowOptions): ChatSender {
  const target = {
    name: 'the Teams workflow',
    url: secretUrl('HEADROOM_TEAMS_WORKFLOW_URL', options.url, options.endpoint),
    timeoutMs: options.timeoutMs ?? 5000,
    nextStep: 'Turn the workflow on in Teams, copy its address again and put it into HEADROOM_TEAMS_WORKFLOW_URL.',
  };
  return {
    key: options.name === undefined ? 'teams-workflow' : `teams-workflow:${options.name}`,
    platform: 'teams',
    canEdit: false,
    async post(rendered, signal) {
      const answer = await postJson(target, rendered.body, signal);
      const inside = FAILURE_INSIDE.exec(answer.body)?.[1];
      const problem = inside === undefined ? undefined : problemOf(target, Number(inside), '', new Headers());
      if (problem) throw problem;
      return { ref: null };
    },
    async edit() {
      throw new HeadroomError('bug', 'a Teams workflow cannot edit');
    },
    find: async () => 'cannot-ask',
    probe: (signal) => reach(target, signal),
  };
}
