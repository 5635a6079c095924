import * as z from 'zod/mini';
import { HeadroomError } from '../../errors.ts';
import type { Time } from '../../model.ts';
import type { ChatSender, Rendered } from '../../ports.ts';
import { codeOf, refusesBlocks } from './errors.ts';
import { openSlack, type SlackCalls } from './web-api.ts';

export type SlackBotOptions = {
  /** Bot token (`xoxb-…`), a secret. Scopes: chat:write; channels:history or groups:history to ask before a repeat. */
  token: string;
  /** Channel id (`C…`); a name can be posted to but not asked. */
  channel: string;
  /** Base URL in place of `https://slack.com`, for emulators and proxies. */
  endpoint?: string;
  /** For everything, the answers included; default 5,000. */
  timeoutMs?: number;
};

/** By this a post is found again. @see https://docs.slack.dev/messaging/message-metadata */
const EVENT_TYPE = 'headroom_incident';
/** Between this machine's clock and Slack's. */
const CLOCK_SKEW_SECONDS = 60;
const PAGE = 200;
/** 1,000 messages since the incident opened: beyond that the channel is not asked further. */
const PAGES_MAX = 5;

const BODY = z.looseObject({
  text: z.string(),
  blocks: z.array(z.unknown()),
  fallbackBlocks: z.optional(z.array(z.unknown())),
});
const STANDING = z.object({ channel: z.string(), ts: z.string() });
const HISTORY = z.object({
  messages: z.array(
    z.object({
      ts: z.string(),
      metadata: z.optional(z.object({ event_type: z.string(), event_payload: z.record(z.string(), z.unknown()) })),
    }),
  ),
  response_metadata: z.optional(z.object({ next_cursor: z.optional(z.string()) })),
});

/** Posts to one Slack channel as a bot, edits its posts, and finds them again by their metadata. */
export function slackBot(options: SlackBotOptions): ChatSender {
  const api = { timeoutMs: 5000, ...options };

  async function write(method: string, rendered: Rendered, where: Record<string, string>, signal?: AbortSignal) {
    const call = openSlack(api, signal);
    const { fallbackBlocks, ...payload } = read(BODY, rendered.body, 'the rendered message', 'bug');
    const metadata = {
      event_type: EVENT_TYPE,
      event_payload: { incident_id: rendered.incidentId, revision: rendered.revision },
    };
    const answer = await sendOrFallBack(call, method, { ...payload, ...where, metadata }, fallbackBlocks);
    const { channel, ts } = read(STANDING, answer, `Slack's answer to ${method}`, 'unavailable');
    return { ref: `${channel}:${ts}` };
  }

  return {
    key: `slack-bot:${options.channel}`,
    platform: 'slack',
    canEdit: true,
    post: (rendered, signal) => write('chat.postMessage', rendered, { channel: options.channel }, signal),
    edit: (ref, rendered, signal) => write('chat.update', rendered, splitRef(ref), signal),
    async reply(ref, body, signal) {
      const { channel, ts } = splitRef(ref);
      const payload = read(BODY, body, 'the rendered entry of a thread', 'bug');
      await openSlack(api, signal)('chat.postMessage', { ...payload, channel, thread_ts: ts });
    },
    find: (incidentId, since, signal) => findPost(openSlack(api, signal), options.channel, incidentId, since),
  };
}

/** Nothing was posted when Slack refuses the blocks, so the plainer ones are no repeat. */
async function sendOrFallBack(
  call: SlackCalls,
  method: string,
  args: Record<string, unknown>,
  fallbackBlocks: unknown[] | undefined,
): Promise<unknown> {
  try {
    return await call(method, args);
  } catch (error) {
    if (fallbackBlocks === undefined || !refusesBlocks(codeOf(error) ?? '')) throw error;
    return call(method, { ...args, blocks: fallbackBlocks });
  }
}

async function findPost(
  call: SlackCalls,
  channel: string,
  incidentId: string,
  since: Time,
): Promise<{ ref: string } | 'absent' | 'cannot-ask'> {
  const oldest = String(Math.max(0, Math.floor(Date.parse(since) / 1000) - CLOCK_SKEW_SECONDS));
  let cursor: string | undefined;
  for (let page = 0; page < PAGES_MAX; page++) {
    const args = {
      channel,
      oldest,
      limit: PAGE,
      include_all_metadata: true,
      ...(cursor === undefined ? {} : { cursor }),
    };
    const answer = await askHistory(call, args);
    if (answer === 'cannot-ask') return answer;
    const { messages, response_metadata } = read(
      HISTORY,
      answer,
      "Slack's answer to conversations.history",
      'unavailable',
    );
    const found = messages.find(
      ({ metadata }) => metadata?.event_type === EVENT_TYPE && metadata.event_payload['incident_id'] === incidentId,
    );
    if (found) return { ref: `${channel}:${found.ts}` };
    cursor = response_metadata?.next_cursor;
    if (cursor === undefined || cursor === '') return 'absent';
  }
  return 'cannot-ask';
}

/** A token that may post need not be allowed to read, and a channel given by name cannot be read. */
async function askHistory(call: SlackCalls, args: Record<string, unknown>): Promise<unknown> {
  try {
    return await call('conversations.history', args);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'missing_scope' || code === 'not_in_channel' || code === 'channel_not_found') return 'cannot-ask';
    throw error;
  }
}

function splitRef(ref: string): { channel: string; ts: string } {
  const [channel, ts] = ref.split(':');
  if (!channel || !ts) throw new HeadroomError('bug', `no Slack message reference: ${ref.slice(0, 60)}`);
  return { channel, ts };
}

function read<T extends z.ZodMiniType>(
  schema: T,
  value: unknown,
  what: string,
  kind: 'bug' | 'unavailable',
): z.infer<T> {
  const parsed = z.safeParse(schema, value);
  if (!parsed.success) throw new HeadroomError(kind, `${what} has an unknown shape`, { cause: parsed.error });
  return parsed.data;
}
