import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** Further than this from now, in either direction, a request is not believed. @see https://docs.slack.dev/authentication/verifying-requests-from-slack */
export const SLACK_SKEW_MS = 5 * 60_000;

export type SlackSignature = {
  /** HEADROOM_SLACK_SIGNING_SECRET */
  secret: string;
  /** Header `x-slack-request-timestamp`: seconds since the epoch. */
  timestamp: string | undefined;
  /** Header `x-slack-signature`: `v0=` and 64 hexadecimal characters. */
  signature: string | undefined;
  /** The body byte for byte. */
  raw: Uint8Array;
  nowMs: number;
};

/** `reason` is for the log alone: who is refused learns nothing. */
export type Verified = { ok: true; signedAtMs: number } | { ok: false; reason: string };

/** Whether Slack signed these bytes, lately. Compared in constant time, over digests of equal length. */
export function verifySlack({ secret, timestamp, signature, raw, nowMs }: SlackSignature): Verified {
  if (timestamp === undefined || signature === undefined) return { ok: false, reason: 'not signed' };
  if (!/^\d{1,12}$/.test(timestamp)) return { ok: false, reason: 'the timestamp is no number' };
  const signedAtMs = Number(timestamp) * 1000;
  const expected = `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:`).update(raw).digest('hex')}`;
  if (!timingSafeEqual(digest(expected), digest(signature))) return { ok: false, reason: 'the signature does not fit' };
  if (nowMs - signedAtMs > SLACK_SKEW_MS) return { ok: false, reason: 'signed too long ago' };
  if (signedAtMs - nowMs > SLACK_SKEW_MS) return { ok: false, reason: 'signed in the future' };
  return { ok: true, signedAtMs };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
