import type { Mention, Message } from '../model.ts';
import type { ChatSender } from '../ports.ts';
import type { SlackBlock, SlackPayload } from './slack/blocks.ts';
import { renderSlack } from './slack/message.ts';
import { renderSlackThread } from './slack/thread.ts';
import { renderTeams } from './teams/message.ts';
import { renderTeamsThread } from './teams/thread.ts';
import { renderText } from './text/message.ts';
import type { ThreadEntry } from './thread.ts';

/** A payload with what to send instead of `blocks` when Slack refuses them as malformed. */
type SlackBody = SlackPayload & { fallbackBlocks?: SlackBlock[] };

/** `whom` a mention calls; by default who is active in a Slack channel, and nobody on Teams. */
type Renderer = (message: Message, sender: Pick<ChatSender, 'canEdit'>, whom?: Mention) => unknown;

/**
 * How each platform's senders take a message. Slack bots get Slack's own chart, with the chart in text as the fallback;
 * incoming webhooks, for which Slack does not say whether they take the chart block, get text at once. Teams' bots, which
 * hear presses, get buttons.
 */
export const RENDERERS: Readonly<Record<ChatSender['platform'], Renderer>> = {
  slack: (message, sender, mention): SlackBody => {
    const plain = renderSlack(message, { nativeChart: false, mention });
    if (!sender.canEdit || !message.chart) return plain;
    return { ...renderSlack(message, { mention }), fallbackBlocks: plain.blocks };
  },
  teams: (message, sender, mention) => renderTeams(message, { buttons: sender.canEdit, mention }),
  text: (message) => renderText(message),
};

/** How each platform's senders take an entry of a thread. */
export const THREAD_RENDERERS: Readonly<
  Record<ChatSender['platform'], (entry: ThreadEntry, whom?: Mention) => unknown>
> = {
  slack: renderSlackThread,
  teams: renderTeamsThread,
  text: ({ lines }) => lines.join('\n'),
};
