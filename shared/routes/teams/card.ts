import { buttonsAt } from '../../chat/buttons.ts';
import { buildMessage } from '../../chat/message.ts';
import { renderTeams } from '../../chat/teams/message.ts';
import type { CommandPorts } from '../../commands/command.ts';
import type { Config } from '../../config.ts';
import type { IncidentRecord } from '../../incidents/record.ts';

/** The card of an incident as the flow posts it at a destination of the Teams bot. */
export function cardFor(
  config: Config,
  { policy }: Pick<CommandPorts, 'policy'>,
  record: IncidentRecord,
  destination: string,
): unknown {
  const message = buildMessage(
    { ...record, effects: record.effects.filter(({ key }) => key === destination) },
    {
      privacy: policy.privacyOf(record, [destination]),
      actions: buttonsAt(config, { key: destination, canEdit: true }),
      isQuiet: (at) => policy.quietUntil(at) !== null,
    },
  );
  return renderTeams(message, { buttons: true }).attachments[0].content;
}
