import * as z from 'zod/mini';
import { HeadroomError } from '../../errors.ts';
import type { SlackDesk } from '../../ports.ts';
import { postJson } from '../post-json.ts';
import { codeOf } from './errors.ts';
import { openSlack } from './web-api.ts';

export type SlackDeskOptions = {
  /** Bot token, a secret; without one there are no modals. */
  token?: string;
  /** Base URL in place of `https://slack.com`, for emulators and proxies. */
  endpoint?: string;
};

/** What is left for `views.open` of the 3 s that a trigger lives (field-notes 28). */
const VIEW_MS = 1_500;
const TEAM_MS = 700;
const RESPOND_MS = 5_000;

const PROBE_MS = 5_000;

const TEAM = z.object({ team_id: z.string() });
/** The client puts the header `x-oauth-scopes` there. */
const SCOPES = z.object({ response_metadata: z.object({ scopes: z.array(z.string()) }) });

/** Answers people on Slack: modals, and what is said to one of them alone. */
export function slackDesk(options: SlackDeskOptions): SlackDesk {
  let team: string | undefined;

  function open(timeoutMs: number) {
    const { token, endpoint } = options;
    if (token === undefined)
      throw new HeadroomError('denied', 'Slack cannot be called without a bot token', {
        nextStep: 'Set HEADROOM_SLACK_BOT_TOKEN and HEADROOM_SLACK_CHANNEL.',
      });
    return openSlack({ token, timeoutMs, ...(endpoint === undefined ? {} : { endpoint }) });
  }

  return {
    async openView(triggerId, view) {
      await open(VIEW_MS)('views.open', { trigger_id: triggerId, view });
    },
    async respond(url, body) {
      const nextStep = 'Ask again: an address for answers lives half an hour and is used five times at most.';
      await postJson({ name: "Slack's address for answers", url, timeoutMs: RESPOND_MS, nextStep }, body);
    },
    async team() {
      if (options.token === undefined) return null;
      if (team === undefined) {
        const parsed = z.safeParse(TEAM, await open(TEAM_MS)('auth.test', {}));
        if (!parsed.success) throw new HeadroomError('unavailable', "Slack's answer to auth.test has an unknown shape");
        team = parsed.data.team_id;
      }
      return team;
    },
    async scopes() {
      if (options.token === undefined) return null;
      const parsed = z.safeParse(SCOPES, await open(PROBE_MS)('auth.test', {}));
      return parsed.success ? parsed.data.response_metadata.scopes : [];
    },
    async isIn(channel) {
      try {
        await open(PROBE_MS)('conversations.history', { channel, limit: 1 });
        return 'yes';
      } catch (error) {
        const code = codeOf(error);
        if (code === 'not_in_channel' || code === 'channel_not_found' || code === 'is_archived') return 'no';
        if (code === 'missing_scope') return 'unknown';
        throw error;
      }
    },
  };
}

/** The desk of an installation. */
export function configuredDesk(config: {
  slackBotToken: { reveal(): string } | undefined;
  endpoints: { SLACK?: string | undefined };
}): SlackDesk {
  const { slackBotToken, endpoints } = config;
  return slackDesk({
    ...(slackBotToken === undefined ? {} : { token: slackBotToken.reveal() }),
    ...(endpoints.SLACK === undefined ? {} : { endpoint: endpoints.SLACK }),
  });
}
