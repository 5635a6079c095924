import * as z from 'zod/mini';
import { cleanLine } from '../plain.ts';

/** A message that mentions the outgoing webhook, as far as it is looked at. */
export type TeamsActivity = {
  timestamp: string;
  /** Entra object id; empty where Teams does not say. */
  objectId: string;
  name: string;
  tenantId: string | null;
  text: string;
  /** What Teams repeats when it sends the message again. */
  once: string;
};

const short = () => z.string().check(z.maxLength(500));

const ACTIVITY = z.object({
  type: z.literal('message'),
  id: short(),
  timestamp: short(),
  from: z.object({ name: z.nullish(short()), aadObjectId: z.nullish(short()) }),
  conversation: z.object({ id: short() }),
  text: z._default(z.string().check(z.maxLength(30_000)), ''),
  channelData: z.nullish(z.object({ tenant: z.nullish(z.object({ id: short() })) })),
});

const TEXT_MAX = 2_000;

/** The body of an outgoing webhook's call; null when it is none. */
export function readTeamsActivity(raw: Uint8Array): TeamsActivity | null {
  const parsed = z.safeParse(ACTIVITY, parseJson(raw));
  if (!parsed.success) return null;
  const { id, timestamp, from, conversation, text, channelData } = parsed.data;
  return {
    timestamp,
    objectId: (from.aadObjectId ?? '').toLowerCase(),
    name: cleanLine(from.name ?? '', 60),
    tenantId: channelData?.tenant?.id.toLowerCase() ?? null,
    text: plainText(text),
    once: `${conversation.id} ${id}`,
  };
}

export function parseJson(raw: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(raw));
  } catch {
    return undefined;
  }
}

/** What was typed behind the mention, without markup. */
function plainText(text: string): string {
  return withoutMarkup(text.slice(0, TEXT_MAX * 4).replace(/<at[^<>]*>[^<>]*<\/at>/gi, ' '));
}

/** Text as people see it in Teams, of what is sent as HTML; at most 2,000 characters. */
export function withoutMarkup(text: string): string {
  return text
    .slice(0, TEXT_MAX * 4)
    .replace(/<[^<>]*>/g, ' ')
    .replace(/&nbsp;|\u00a0/gi, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
    .trim()
    .slice(0, TEXT_MAX);
}
