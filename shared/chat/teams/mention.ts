import type { IMention } from '@microsoft/teams.cards';
import type { Mention } from '../../model.ts';

/** The one Markdown of a card: Teams puts a mention in the place of this very text. The name is checked where settings are read. */
export type TeamsMentionText = { type: 'TextBlock'; text: `<at>${string}</at>`; wrap: true; spacing: 'Small' };
export type TeamsMentioned = { text: TeamsMentionText; entity: IMention };

/**
 * Whom a card calls, as its text and what Teams reads it as; null for nobody, and for people of Slack. There is no word that
 * calls a whole channel from a card.
 *
 * @see https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-format#mention-support-within-adaptive-cards
 */
export function teamsMention(mention: Mention | undefined): TeamsMentioned | null {
  if (typeof mention !== 'object' || !('id' in mention)) return null;
  const { id, name } = mention;
  const text = `<at>${name}</at>` as const;
  return {
    text: { type: 'TextBlock', text, wrap: true, spacing: 'Small' },
    entity: { type: 'mention', text, mentioned: { id, name } },
  };
}
