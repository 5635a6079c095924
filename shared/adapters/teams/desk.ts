import * as z from 'zod/mini';
import { HeadroomError } from '../../errors.ts';
import type { TeamsDesk } from '../../ports.ts';
import { activitiesPath, type TeamsConnector } from './connector.ts';

const SAY_MS = 5_000;
/** A press waits for it. */
const MEMBER_MS = 1_000;
/** People whose tenant is remembered, by this process. */
const REMEMBERED_MAX = 1_000;

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

function readMember(answer: string): { tenantId: string; role: string } {
  let value: unknown;
  try {
    value = JSON.parse(answer);
  } catch {
    value = undefined;
  }
  const parsed = z.safeParse(MEMBER, value);
  if (!parsed.success) throw new HeadroomError('unavailable', "Teams' answer about a person has an unknown shape");
  return { tenantId: (parsed.data.tenantId ?? '').toLowerCase(), role: (parsed.data.userRole ?? '').toLowerCase() };
}
