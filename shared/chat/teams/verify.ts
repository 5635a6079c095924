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
  /** Of HEADROOM_TEAMS_WEBHOOK_SECRET, each as good as the other. */
  secrets: readonly string[];
  authorization: string | undefined;
  raw: Uint8Array;
}): TeamsVerified {
  const signature = /^HMAC ([A-Za-z0-9+/=]{1,200})$/i.exec(input.authorization ?? '')?.[1];
  if (signature === undefined) return { ok: false, reason: 'not signed' };
  const given = digest(signature);
  // Every one is compared, so that the time says nothing about which is near.
  const fits = input.secrets.map((secret) => timingSafeEqual(digest(sign(secret, input.raw)), given));
  return fits.includes(true) ? { ok: true } : { ok: false, reason: 'the signature does not fit' };
}

/** Whether a message was written lately, and not in the future. */
export function judgeTeamsTime(timestamp: string, nowMs: number): TeamsVerified {
  const atMs = Date.parse(timestamp);
  if (!Number.isFinite(atMs)) return { ok: false, reason: 'the timestamp is no time' };
  if (nowMs - atMs > TEAMS_SKEW_MS) return { ok: false, reason: 'written too long ago' };
  return atMs - nowMs > TEAMS_SKEW_MS ? { ok: false, reason: 'written in the future' } : { ok: true };
}

function sign(secret: string, raw: Uint8Array): string {
  return createHmac('sha256', Buffer.from(secret, 'base64')).update(raw).digest('base64');
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
