import { renderTeamsAnswer } from '../chat/teams/answer.ts';
import type { TeamsPayload } from '../chat/teams/elements.ts';
import { renderTeams } from '../chat/teams/message.ts';
import type { Reply } from './command.ts';

/** What the bot answers, in the conversation in which it was asked. */
export function teamsBotReply(reply: Reply): TeamsPayload {
  return reply.kind === 'message' ? renderTeams(reply.message) : renderTeamsAnswer(reply.answer);
}

/**
 * What an outgoing webhook is answered with. Its cards can open links and nothing else, so what stands behind a button of
 * theirs is left out.
 */
export function teamsReply(reply: Reply): TeamsPayload {
  const payload = teamsBotReply(reply);
  const [attachment] = payload.attachments;
  const { actions = [], body, ...content } = attachment.content;
  const links = actions.filter(({ type }) => type === 'Action.OpenUrl');
  const shown = body.filter((element) => !(element.type === 'Container' && element.isVisible === false));
  return {
    ...payload,
    attachments: [
      { ...attachment, content: { ...content, body: shown, ...(links.length === 0 ? {} : { actions: links }) } },
    ],
  };
}
