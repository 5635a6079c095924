import * as z from 'zod/mini';
import { HeadroomError } from '../../errors.ts';
import type { TeamsDesk, TeamsListener, TeamsPlace } from '../../ports.ts';
import { activitiesPath, type TeamsConnector } from './connector.ts';

const SAY_MS = 5_000;
/** A press waits for it. */
const MEMBER_MS = 1_000;
/** People whose tenant is remembered, by this process. */
const REMEMBERED_MAX = 1_000;

/** @see https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/send-proactive-messages */
const CHAT = z.object({ id: z.string().check(z.minLength(1), z.maxLength(500)) });

/** @see https://learn.microsoft.com/microsoftteams/platform/bots/how-to/get-teams-context#fetching-the-roster-or-user-profile */
const MEMBER = z.object({ tenantId: z.optional(z.string()), userRole: z.optional(z.string()) });

/** Answers people on Teams in the conversation in which they asked. */
export function teamsDesk(connector: TeamsConnector): TeamsDesk {
  const known = new Map<string, { tenantId: string; role: string }>();
  return {
    async say({ serviceUrl, conversationId }, body) {
      await connector.call({
        method: 'POST',
        serviceUrl,
        path: activitiesPath(conversationId),
        body,
        timeoutMs: SAY_MS,
      });
    },
    async whisper(place, to, body) {
      if (await taken(() => whisperThere(connector, place, to, body))) return 'said';
      return (await taken(() => sayToOne(connector, place, to, body))) ? 'said' : 'not-possible';
    },
    async member({ serviceUrl, conversationId }, userId) {
      const remembered = known.get(userId);
      if (remembered) return remembered;
      const path = `/v3/conversations/${encodeURIComponent(conversationId)}/members/${encodeURIComponent(userId)}`;
      const answer = await connector.call({ method: 'GET', serviceUrl, path, timeoutMs: MEMBER_MS });
      const member = readMember(answer);
      if (known.size >= REMEMBERED_MAX) known.clear();
      known.set(userId, member);
      return member;
    },
    probe: () => connector.probe(),
  };
}

/** Kinds of refusal that mean that nothing was said, and that trying again would not help. */
const REFUSED = new Set(['denied', 'invalid', 'not-found', 'configuration']);

/** False where Teams refused; what it may have taken, or will take later, is thrown. */
async function taken(send: () => Promise<void>): Promise<boolean> {
  try {
    await send();
    return true;
  } catch (error) {
    if (error instanceof HeadroomError && REFUSED.has(error.kind)) return false;
    throw error;
  }
}

/** Teams shows it to the recipient alone, marked as such, for a day. @see https://learn.microsoft.com/microsoftteams/platform/agents-in-teams/targeted-messages */
async function whisperThere(connector: TeamsConnector, place: TeamsPlace, { userId }: TeamsListener, body: unknown) {
  const path = `${activitiesPath(place.conversationId)}?isTargetedActivity=true`;
  await connector.call({
    method: 'POST',
    serviceUrl: place.serviceUrl,
    path,
    body: { ...asRecord(body), recipient: { id: userId } },
    timeoutMs: SAY_MS,
  });
}

/** In the chat of the person and the bot, which begins with it where there was none. */
async function sayToOne(
  connector: TeamsConnector,
  { serviceUrl }: TeamsPlace,
  { userId, tenantId }: TeamsListener,
  body: unknown,
): Promise<void> {
  const request = { isGroup: false, tenantId, members: [{ id: userId }], channelData: { tenant: { id: tenantId } } };
  const begun = { method: 'POST', serviceUrl, path: '/v3/conversations', body: request, timeoutMs: SAY_MS } as const;
  const chat = z.safeParse(CHAT, parse(await connector.call(begun)));
  if (!chat.success) throw new HeadroomError('unavailable', "Teams' answer about a chat has an unknown shape");
  const path = activitiesPath(chat.data.id);
  await connector.call({ method: 'POST', serviceUrl, path, body, timeoutMs: SAY_MS });
}

function asRecord(body: unknown): object {
  return typeof body === 'object' && body !== null ? body : {};
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readMember(answer: string): { tenantId: string; role: string } {
  const parsed = z.safeParse(MEMBER, parse(answer));
  if (!parsed.success) throw new HeadroomError('unavailable', "Teams' answer about a person has an unknown shape");
  return { tenantId: (parsed.data.tenantId ?? '').toLowerCase(), role: (parsed.data.userRole ?? '').toLowerCase() };
}
