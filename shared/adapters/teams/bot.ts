import * as z from 'zod/mini';
import { HeadroomError } from '../../errors.ts';
import type { ChatSender, TeamsPlace } from '../../ports.ts';
import { activitiesPath, type ConnectorCall, type TeamsConnector } from './connector.ts';

export type TeamsBotOptions = {
  /** Id of a channel or chat (`19:…@thread.tacv2`); null: where the app was last added. */
  conversationId: string | null;
  connector: TeamsConnector;
  /** Where that is; null as long as the app was added nowhere. */
  place(): Promise<TeamsPlace | null>;
  /** For each call; default 5,000. */
  timeoutMs?: number;
};

const BODY = z.looseObject({
  type: z.literal('message'),
  attachments: z.tuple([z.looseObject({ content: z.looseObject({ fallbackText: z.string() }) })]),
});
const STANDING = z.object({ id: z.string().check(z.minLength(1)) });

/** What stands between the conversation and the message in a reference; neither holds it. */
const BETWEEN = '|';
/** Chats have no threads: what is said later stands below. */
const CHANNEL = /@thread\.(?:tacv2|skype)$/;

/**
 * Posts to one Teams channel or chat as a bot, each incident in a thread of its own, and edits in place. A bot may not read
 * what stands there, so a post of unknown end cannot be asked about.
 */
export function teamsBot(options: TeamsBotOptions): ChatSender {
  const { conversationId, connector, timeoutMs = 5_000 } = options;

  async function serviceUrlOf(): Promise<TeamsPlace> {
    const place = await options.place();
    if (place) return place;
    throw new HeadroomError('denied', 'the Teams app was not added to a team or chat yet', {
      nextStep: 'Add it to the team, or mention it once in the channel that it is to post to.',
    });
  }

  async function write(call: Omit<ConnectorCall, 'timeoutMs'>, signal?: AbortSignal): Promise<string> {
    return connector.call({ ...call, timeoutMs }, signal);
  }

  return {
    key: teamsBotKey(conversationId),
    platform: 'teams',
    canEdit: true,
    async post(rendered, signal) {
      const place = await serviceUrlOf();
      const path = activitiesPath(place.conversationId);
      const answer = await write(
        { method: 'POST', serviceUrl: place.serviceUrl, path, body: activityOf(rendered.body) },
        signal,
      );
      return { ref: `${place.conversationId}${BETWEEN}${idIn(answer)}` };
    },
    async edit(ref, rendered, signal) {
      const { conversation, id } = splitRef(ref);
      const { serviceUrl } = await serviceUrlOf();
      const body = { ...activityOf(rendered.body), id };
      await write({ method: 'PUT', serviceUrl, path: activitiesPath(conversation, id), body }, signal);
      return { ref };
    },
    async reply(ref, body, signal) {
      const { conversation, id } = splitRef(ref);
      const { serviceUrl } = await serviceUrlOf();
      const path = activitiesPath(CHANNEL.test(conversation) ? `${conversation};messageid=${id}` : conversation);
      await write({ method: 'POST', serviceUrl, path, body: activityOf(body) }, signal);
    },
    find: async () => 'cannot-ask',
  };
}

/** As routes and the ledger name it. */
export function teamsBotKey(conversationId: string | null): string {
  return conversationId === null ? 'teams-bot' : `teams-bot:${conversationId}`;
}

function splitRef(ref: string): { conversation: string; id: string } {
  const [conversation, id] = ref.split(BETWEEN);
  if (!conversation || !id) throw new HeadroomError('bug', `no Teams message reference: ${ref.slice(0, 60)}`);
  return { conversation, id };
}

/** `summary` is what Teams shows in notifications. */
function activityOf(body: unknown): Record<string, unknown> {
  const parsed = z.safeParse(BODY, body);
  if (!parsed.success) throw new HeadroomError('bug', 'the rendered message has an unknown shape');
  return { ...parsed.data, summary: parsed.data.attachments[0].content.fallbackText };
}

/** @throws HeadroomError `timed-out`: it may stand there, but cannot be edited */
function idIn(answer: string): string {
  const parsed = z.safeParse(STANDING, parse(answer));
  if (parsed.success) return parsed.data.id;
  throw new HeadroomError('timed-out', 'Teams did not say which message it posted, though it may have');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
