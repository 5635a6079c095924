import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** Further than this from now, in either direction, a message is not believed. */
export const TEAMS_SKEW_MS = 5 * 60_000;

/** `reason` is for the log alone. */
export type TeamsVerified = { ok: true } | { ok: false; reason: string };

/**
 * Whether an outgoing webhook of Teams signed these bytes: `Authorization: HMAC <base64>`, by the token that Teams showed
 * when it was made, itself base64. How old the message is stands in the signed body.
 *
 * @see https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-outgoing-webhook
 */
export function verifyTeamsWebhook(input: {
  /** HEADROOM_TEAMS_WEBHOOK_SECRET */
  secret: string;
  authorization: string | undefined;
  raw: Uint8Array;
}): TeamsVerified {
  const given = /^HMAC ([A-Za-z0-9+/=]{1,200})$/i.exec(input.authorization ?? '')?.[1];
  if (given === undefined) return { ok: false, reason: 'not signed' };
  const expected = createHmac('sha256', Buffer.from(input.secret, 'base64')).update(input.raw).digest('base64');
  return timingSafeEqual(digest(expected), digest(given))
    ? { ok: true }
    : { ok: false, reason: 'the signature does not fit' };
}

/** Whether a message was written lately, and not in the future. */
export function judgeTeamsTime(timestamp: string, nowMs: number): TeamsVerified {
  const atMs = Date.parse(timestamp);
  if (!Number.isFinite(atMs)) return { ok: false, reason: 'the timestamp is no time' };
  if (nowMs - atMs > TEAMS_SKEW_MS) return { ok: false, reason: 'written too long ago' };
  return atMs - nowMs > TEAMS_SKEW_MS ? { ok: false, reason: 'written in the future' } : { ok: true };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
