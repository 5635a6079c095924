import { createSenders, type SenderChoices } from './senders.ts';
import { type TeamsChoices, teamsBotKeys } from './teams/configured.ts';

/** Where messages would go by the configuration, in the order in which they are sent, for whoever sends none. */
export function configuredDestinations(
  choices: SenderChoices & Pick<TeamsChoices, 'teamsAppId' | 'teamsTenantId' | 'settings'>,
): { key: string; canEdit: boolean }[] {
  return [
    ...createSenders(choices).map(({ key, canEdit }) => ({ key, canEdit })),
    ...teamsBotKeys(choices).map((key) => ({ key, canEdit: true })),
  ];
}
