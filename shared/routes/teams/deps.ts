import type { CommandPorts } from '../../commands/command.ts';
import type { IncidentRecord } from '../../incidents/record.ts';
import type { Privacy } from '../../model.ts';
import type { TokenVerifier } from '../../ports.ts';

export type TeamsBotDeps = {
  ports: CommandPorts;
  /** Checks the tokens of the Bot Framework; without one nobody is believed. */
  verifier?: TokenVerifier | undefined;
  /** HEADROOM_BODY_BYTES */
  bodyBytes: number;
  /** HEADROOM_TEAMS_TENANT_ID, in lower case. */
  tenantId: string | undefined;
  /** Hosts of the cloud's connector. */
  hosts: readonly string[];
  /** HEADROOM_TEAMS_ENDPOINT, which is then the one service that the bot speaks to. */
  endpoint?: string | undefined;
  /** What a channel or chat may be shown. */
  privacyAt(conversationId: string): Privacy;
  /** The incident's message as it stands at a destination: a card with its buttons. */
  messageFor(record: IncidentRecord, destination: string): unknown;
};
