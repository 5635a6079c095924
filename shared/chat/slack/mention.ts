import type { RichTextElement } from '@slack/types';
import type { Mention } from '../../model.ts';

/** Whoever is active in the channel; who is called otherwise is a matter of escalation. */
const DEFAULT_MENTION: Mention = 'here';

/** The element that calls whom the route names; none for nobody, nor for a person of Teams. */
export function slackMention(mention: Mention = DEFAULT_MENTION): RichTextElement[] {
  if (mention === 'none') return [];
  if (typeof mention === 'string') return [{ type: 'broadcast', range: mention }];
  if ('user' in mention) return [{ type: 'user', user_id: mention.user }];
  return 'userGroup' in mention ? [{ type: 'usergroup', usergroup_id: mention.userGroup }] : [];
}
