import { HeadroomError } from '../../errors.ts';
import type { ChatSender } from '../../ports.ts';
import { exchange, postJson, problemOf, secretUrl } from '../post-json.ts';

export type SlackWebhookOptions = {
  /** The webhook's address: whoever knows it can post, so it is a secret. */
  url: string;
  /** Tells several webhooks apart in keys and routes: `slack-webhook:<name>`. */
  name?: string;
  /** Base URL in place of `https://hooks.slack.com`, for emulators and proxies. */
  endpoint?: string;
  /** For everything, the answer included; default 5,000. */
  timeoutMs?: number;
};

/** What Slack says of a message without text and blocks to a webhook that stands; nothing is posted. */
const EMPTY = /^(?:no_text|invalid_payload|missing_text_or_fallback_or_attachments)$/;

/**
 * Posts to a Slack incoming webhook, which can neither edit nor be asked what stands in the channel.
 * @see https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks for its error codes
 */
export function slackWebhook(options: SlackWebhookOptions): ChatSender {
  const target = {
    name: 'the Slack webhook',
    url: secretUrl('HEADROOM_SLACK_WEBHOOK_URL', options.url, options.endpoint),
    timeoutMs: options.timeoutMs ?? 5000,
    nextStep: 'Create the webhook anew in the Slack app and put its address into HEADROOM_SLACK_WEBHOOK_URL.',
  };
  return {
    key: options.name === undefined ? 'slack-webhook' : `slack-webhook:${options.name}`,
    platform: 'slack',
    canEdit: false,
    async post(rendered, signal) {
      await postJson(target, rendered.body, signal);
      return { ref: null };
    },
    async edit() {
      throw new HeadroomError('bug', 'a Slack incoming webhook cannot edit');
    },
    find: async () => 'cannot-ask',
    async probe(signal) {
      const { status, body, headers } = await exchange(target, {}, signal);
      if (status === 400 && EMPTY.test(body)) return 'the webhook stands: Slack refused an empty message';
      throw (
        problemOf(target, status, body, headers) ?? new HeadroomError('invalid', `${target.name} took nothing`, target)
      );
    },
  };
}
