import type { ReceiveDeps } from '../../pipeline/deps.ts';
import { snsKey } from '../../pipeline/keys.ts';
import type { SnsAuthority } from '../../ports.ts';
import { errorResponse, jsonResponse, type RouteResponse } from '../http.ts';
import { readSnsMessage, type SnsMessage } from './message.ts';
import { isAwsUrl, isSigned, snsRefusal } from './verify.ts';

export type SnsAccess = {
  /** `snsTopics` of headroom.json: only these are believed, and only their subscriptions are confirmed. */
  topics: readonly string[];
  authority: SnsAuthority;
};

export type Judged =
  /** A notification that SNS signed; `remember` is called once it has been taken in. */
  | { believed: 'yes'; remember(): Promise<void> }
  /** Nothing further to do: what to answer. */
  | { believed: 'done'; response: RouteResponse }
  /** Not from SNS, or from a topic that is not ours; `why` is for the log alone. */
  | { believed: 'no'; why: string };

/**
 * Whether a body that claims to come from SNS does; confirms subscriptions of allowed topics on the way.
 *
 * @throws HeadroomError when SNS's certificate cannot be read: the route answers 503 and SNS tries again
 */
export async function judgeSns(
  deps: Pick<ReceiveDeps, 'records' | 'clock' | 'log'>,
  access: SnsAccess | undefined,
  body: unknown,
): Promise<Judged> {
  const read = readSnsMessage(body);
  if (!read.ok) return { believed: 'done', response: errorResponse(400, read.error, read.path, NEXT_STEP) };
  const { message } = read;
  const wrong = snsRefusal(message, access?.topics ?? [], deps.clock.now());
  if (!access || wrong !== null) return { believed: 'no', why: wrong ?? 'no SNS topic is expected here' };
  if (!isSigned(message, await access.authority.certificate(message.SigningCertURL)))
    return { believed: 'no', why: 'the signature does not fit the message' };
  if (message.Type !== 'Notification') return { believed: 'done', response: await subscribe(deps, access, message) };
  const key = snsKey(message.Timestamp, message.MessageId);
  if (await deps.records.get(key))
    return { believed: 'done', response: jsonResponse(200, { duplicate: message.MessageId }) };
  return {
    believed: 'yes',
    async remember() {
      await deps.records.put(key, { v: 1 }, 'absent');
    },
  };
}

const NEXT_STEP = 'docs/sources.md says how a topic is subscribed';

async function subscribe(
  deps: Pick<ReceiveDeps, 'log'>,
  access: SnsAccess,
  message: SnsMessage & { Type: 'SubscriptionConfirmation' | 'UnsubscribeConfirmation' },
): Promise<RouteResponse> {
  const topic = message.TopicArn;
  if (message.Type === 'UnsubscribeConfirmation') {
    deps.log.warn('sns-unsubscribed', { topic });
    return jsonResponse(200, { unsubscribed: topic });
  }
  if (!isAwsUrl(message.SubscribeURL, /^\/$/))
    return errorResponse(400, 'SubscribeURL is not one of SNS', 'SubscribeURL');
  await access.authority.confirm(message.SubscribeURL);
  deps.log.info('sns-subscribed', { topic });
  return jsonResponse(200, { subscribed: topic });
}
