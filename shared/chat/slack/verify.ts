import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** Further than this from now, in either direction, a request is not believed. @see https://docs.slack.dev/authentication/verifying-requests-from-slack */
export const SLACK_SKEW_MS = 5 * 60_000;

export type SlackSignature = {
  /** Of HEADROOM_SLACK_SIGNING_SECRET, each as good as the other. */
  secrets: readonly string[];
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
export function verifySlack({ secrets, timestamp, signature, raw, nowMs }: SlackSignature): Verified {
  if (timestamp === undefined || signature === undefined) return { ok: false, reason: 'not signed' };
  if (!/^\d{1,12}$/.test(timestamp)) return { ok: false, reason: 'the timestamp is no number' };
  const signedAtMs = Number(timestamp) * 1000;
  const given = digest(signature);
  // Every one is compared, so that the time says nothing about which is near.
  const fits = secrets.map((secret) => timingSafeEqual(digest(sign(secret, timestamp, raw)), given));
  if (!fits.includes(true)) return { ok: false, reason: 'the signature does not fit' };
  if (nowMs - signedAtMs > SLACK_SKEW_MS) return { ok: false, reason: 'signed too long ago' };
  if (signedAtMs - nowMs > SLACK_SKEW_MS) return { ok: false, reason: 'signed in the future' };
  return { ok: true, signedAtMs };
}

function sign(secret: string, timestamp: string, raw: Uint8Array): string {
  return `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:`).update(raw).digest('hex')}`;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
