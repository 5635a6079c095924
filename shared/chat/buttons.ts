import type { Message } from '../model.ts';

type Button = Omit<Message['actions'][number], 'value'>;

/** What everybody in the channel may press, and those who are entitled to it may do. */
const BUTTONS: readonly Button[] = [
  { id: 'ack', label: 'Acknowledge', style: 'primary' },
  { id: 'assign', label: 'Assign…' },
  { id: 'silence', label: 'Silence…' },
];

/**
 * The buttons of messages at a destination: those of a bot whose presses can be checked. An incoming webhook's message could
 * not show what became of a press.
 */
export function buttonsAt(
  config: { slackSigningSecret: unknown; teamsAppId: unknown },
  destination: { key: string; canEdit: boolean },
): readonly Button[] {
  const onSlack = config.slackSigningSecret !== undefined && destination.key.startsWith('slack-bot:');
  const onTeams = config.teamsAppId !== undefined && /^teams-bot(?::|$)/.test(destination.key);
  return (onSlack || onTeams) && destination.canEdit ? BUTTONS : [];
}
