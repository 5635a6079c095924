import type { Mention } from '../../model.ts';
import type { ThreadEntry } from '../thread.ts';
import { own, rich, run, type SlackPayload, section } from './blocks.ts';
import { notification } from './escape.ts';
import { slackMention } from './mention.ts';

/**
 * An entry of the incident's thread as Block Kit.
 *
 * @param whom a mention calls; default `@here`
 */
export function renderSlackThread(
  { lines, mention }: ThreadEntry,
  whom?: Mention,
): SlackPayload & { reply_broadcast?: true } {
  const called = mention ? slackMention(whom) : [];
  const words = lines.flatMap((line, index) => [...(index === 0 ? [] : [own('\n')]), ...run(line)]);
  // No section may be empty.
  const text = words.length === 0 ? [own('Headroom')] : words;
  return {
    text: notification(lines),
    blocks: rich(section([...text, ...(called.length > 0 ? [own('\n'), ...called] : [])])),
    mrkdwn: false,
    unfurl_links: false,
    unfurl_media: false,
    // In a thread alone a mention calls nobody.
    ...(called.length > 0 ? { reply_broadcast: true } : {}),
  };
}
