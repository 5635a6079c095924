import type { ThreadEntry } from '../thread.ts';
import { own, rich, run, type SlackPayload, section } from './blocks.ts';
import { notification } from './escape.ts';

/** Whoever is active in the channel; who is called otherwise is a matter of escalation. */
const HERE = { type: 'broadcast', range: 'here' } as const;

/** An entry of the incident's thread as Block Kit. */
export function renderSlackThread({ lines, mention }: ThreadEntry): SlackPayload & { reply_broadcast?: true } {
  const words = lines.flatMap((line, index) => [...(index === 0 ? [] : [own('\n')]), ...run(line)]);
  // No section may be empty.
  const text = words.length === 0 ? [own('Headroom')] : words;
  return {
    text: notification(lines),
    blocks: rich(section([...text, ...(mention ? [own('\n'), HERE] : [])])),
    mrkdwn: false,
    unfurl_links: false,
    unfurl_media: false,
    // In a thread alone a mention calls nobody.
    ...(mention ? { reply_broadcast: true } : {}),
  };
}
