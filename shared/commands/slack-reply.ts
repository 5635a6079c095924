import { renderSlackAnswer } from '../chat/slack/answer.ts';
import type { SlackPayload } from '../chat/slack/blocks.ts';
import { renderSlack } from '../chat/slack/message.ts';
import type { Answer } from '../model.ts';
import type { Reply } from './command.ts';

/** What a command or a press is answered with: for the one who asked, beside what stands there. */
export type SlackReply = SlackPayload & { response_type: 'ephemeral'; replace_original: false };

/** Without mention, and with charts as text: whether answers may hold Slack's chart block is not said. */
export function slackReply(reply: Reply): SlackReply {
  const payload =
    reply.kind === 'message'
      ? renderSlack(reply.message, { mention: 'none', nativeChart: false })
      : renderSlackAnswer(reply.answer);
  return { response_type: 'ephemeral', replace_original: false, ...payload };
}

/** A few words of our own. */
export function slackWords(title: string, lines: string[] = []): SlackReply {
  const answer: Answer = { title, lines, notes: [] };
  return slackReply({ kind: 'answer', answer });
}
