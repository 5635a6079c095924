import type { SlackRequest } from '../../chat/slack/request.ts';
import { readCommand } from '../../commands/dispatch.ts';
import { queueJob } from '../../commands/job.ts';
import { slackReply, slackWords } from '../../commands/slack-reply.ts';
import { asHeadroomError, isRetryable } from '../../errors.ts';
import { withinDeadline } from '../../pipeline/deadline.ts';
import { jsonResponse, type RouteResponse } from '../http.ts';
import type { SlackRouteDeps } from './deps.ts';
import { personOf } from './person.ts';

/** Of Slack's 3 s, for what can be answered at once; the rest is for the way, and for queueing what cannot. */
export const AT_ONCE_MS = 1_800;

/** A slash command: answered at once where that can be done in time, else acknowledged and answered by the queue. */
export async function answerCommand(
  deps: SlackRouteDeps,
  asked: SlackRequest & { kind: 'command' },
): Promise<RouteResponse> {
  const { ports } = deps;
  const { text, responseUrl } = asked;
  const person = personOf(asked.person);
  const privacy = deps.privacyAt(asked.channel);
  const read = readCommand(text);
  const later = async (why: string): Promise<RouteResponse> => {
    try {
      await queueJob(ports, { person, privacy, ask: { text }, responseUrl });
      return jsonResponse(200, slackWords(why, ['The answer follows here']));
    } catch (error) {
      const known = asHeadroomError(error, 'bug', 'a question could not be queued');
      ports.log.error('chat-not-queued', { platform: 'slack', kind: known.kind, error: known.message });
      return jsonResponse(200, slackWords('The store does not answer', ['Ask again in a moment']));
    }
  };
  if (read.command?.slow && read.wellFormed) return later('Looking into it');
  try {
    const run = () => read.run({ ...ports, person, privacy });
    const reply = await withinDeadline(
      ports.clock,
      AT_ONCE_MS,
      `the answer to ${read.command?.name ?? 'a command'}`,
      run,
    );
    return jsonResponse(200, slackReply(reply));
  } catch (error) {
    const known = asHeadroomError(error, 'bug', 'a command could not be answered');
    ports.log.warn('chat-not-at-once', { platform: 'slack', kind: known.kind, error: known.message });
    if (!isRetryable(known))
      return jsonResponse(200, slackWords('This could not be answered', ['The log of this process says why']));
    return later('This takes longer than usual');
  }
}
