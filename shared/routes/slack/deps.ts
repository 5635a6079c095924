import type { CommandPorts } from '../../commands/command.ts';
import type { Privacy } from '../../model.ts';
import type { SlackDesk } from '../../ports.ts';
import type { RouteResponse } from '../http.ts';

/**
 * Whose requests are believed: those that Slack signed by one of the secrets (two while one takes the other's place), all
 * (loopback without a secret), or none.
 */
type SlackAccess = { kind: 'signed'; secrets: readonly string[] } | { kind: 'open' } | { kind: 'closed' };

export type SlackRouteDeps = {
  ports: CommandPorts;
  desk: SlackDesk;
  access: SlackAccess;
  /** HEADROOM_BODY_BYTES */
  bodyBytes: number;
  /** What a channel may be shown. */
  privacyAt(channel: string): Privacy;
  /** HEADROOM_SLACK_ENDPOINT, whose hooks are then Slack's. */
  endpoint?: string;
};

/** What is taken in and needs no words: Slack shows nothing. */
export const DONE: RouteResponse = { status: 200, headers: { 'cache-control': 'no-store' }, body: '' };
