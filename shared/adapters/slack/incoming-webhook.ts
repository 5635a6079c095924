import { HeadroomError } from '../../errors.ts';
import type { ChatSender } from '../../ports.ts';
import { postJson, secretUrl } from '../post-json.ts';

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
  };
}
