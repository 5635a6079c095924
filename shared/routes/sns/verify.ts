import { verify } from 'node:crypto';
import type { SnsMessage } from './message.ts';

/** A message older than this is refused, as SNS itself gives up after an hour (field-notes 32). */
const MAX_AGE_MS = 3_600_000;

/** A clock that runs ahead of AWS's by more is wrong. */
const MAX_AHEAD_MS = 5 * 60_000;

const AWS_HOST = /^sns\.[a-z0-9-]{3,30}\.amazonaws\.com(\.cn)?$/;

/**
 * What is wrong with an SNS message before its signature is looked at; null when nothing is.
 *
 * @param topics allow-list of topic ARNs, from `snsTopics` in headroom.json
 */
export function snsRefusal(message: SnsMessage, topics: readonly string[], nowMs: number): string | null {
  if (!topics.includes(message.TopicArn)) return 'the topic is not in snsTopics of headroom.json';
  if (!isAwsUrl(message.SigningCertURL, /\.pem$/))
    return 'the signing certificate is not at sns.<region>.amazonaws.com';
  const ageMs = nowMs - Date.parse(message.Timestamp);
  if (Number.isNaN(ageMs)) return 'the message has no readable Timestamp';
  if (ageMs > MAX_AGE_MS) return 'the message is more than an hour old';
  if (ageMs < -MAX_AHEAD_MS) return "the message's Timestamp lies ahead of this machine's clock";
  return null;
}

/** Whether the URL is one of SNS's own: https, `sns.<region>.amazonaws.com(.cn)`, no user, no other port. */
export function isAwsUrl(url: string, path: RegExp): boolean {
  const parsed = URL.parse(url);
  return (
    parsed !== null &&
    parsed.protocol === 'https:' &&
    AWS_HOST.test(parsed.hostname) &&
    parsed.port === '' &&
    parsed.username === '' &&
    parsed.password === '' &&
    path.test(parsed.pathname)
  );
}

/** True when the signature over the message's canonical text was made with the certificate's key; false for a broken certificate. */
export function isSigned(message: SnsMessage, certificatePem: string): boolean {
  const algorithm = message.SignatureVersion === '1' ? 'RSA-SHA1' : 'RSA-SHA256';
  try {
    return verify(
      algorithm,
      Buffer.from(canonicalText(message)),
      certificatePem,
      Buffer.from(message.Signature, 'base64'),
    );
  } catch {
    return false;
  }
}

/** @see https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message-verify-message-signature.html (read 2026-11) */
function canonicalText(message: SnsMessage): string {
  const fields: [string, string | null | undefined][] =
    message.Type === 'Notification'
      ? [
          ['Message', message.Message],
          ['MessageId', message.MessageId],
          ['Subject', message.Subject],
          ['Timestamp', message.Timestamp],
          ['TopicArn', message.TopicArn],
          ['Type', message.Type],
        ]
      : [
          ['Message', message.Message],
          ['MessageId', message.MessageId],
          ['SubscribeURL', message.SubscribeURL],
          ['Timestamp', message.Timestamp],
          ['Token', message.Token],
          ['TopicArn', message.TopicArn],
          ['Type', message.Type],
        ];
  return fields
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => `${name}\n${value}\n`)
    .join('');
}
