import { type ErrorKind, HeadroomError } from '../../errors.ts';

/**
 * What to do about an error code of Slack's Web API. Codes that are not listed mean that the content was refused.
 * @see https://docs.slack.dev/reference/methods/chat.postMessage#errors
 */
type Known = { kind: ErrorKind; nextStep?: string };

const KINDS: ReadonlyMap<string, Known> = new Map([
  ...each(
    ['not_authed', 'invalid_auth', 'account_inactive', 'token_revoked', 'token_expired', 'org_login_required'],
    'denied',
    'Install the Slack app again and put its bot token into HEADROOM_SLACK_BOT_TOKEN.',
  ),
  ...each(
    [
      'missing_scope',
      'no_permission',
      'not_allowed_token_type',
      'ekm_access_denied',
      'access_denied',
      'team_access_not_granted',
    ],
    'denied',
    'Give the Slack app the scope chat:write and install it again.',
  ),
  ...each(
    ['channel_not_found', 'not_in_channel', 'is_archived', 'cannot_post'],
    'denied',
    'Invite the app to the channel, and put the channel id (C…) into HEADROOM_SLACK_CHANNEL.',
  ),
  ...each(
    [
      'restricted_action',
      'restricted_action_read_only_channel',
      'restricted_action_thread_only_channel',
      'cant_update_message',
      'edit_window_closed',
    ],
    'denied',
    "Allow the app to post and edit in this channel in the workspace's settings.",
  ),
  ...each(['message_not_found'], 'not-found'),
  ...each(['ratelimited', 'rate_limited', 'message_limit_exceeded'], 'throttled'),
  ...each(
    ['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout', 'team_added_to_org'],
    'unavailable',
  ),
]);

function each(codes: readonly string[], kind: ErrorKind, nextStep?: string): [string, Known][] {
  return codes.map((code) => [code, nextStep === undefined ? { kind } : { kind, nextStep }]);
}

const REFUSED_CONTENT: Known = { kind: 'invalid', nextStep: 'Report this code: Slack refused what was rendered.' };

/** Codes with which Slack refuses blocks that a plainer payload may pass. */
const REFUSED_BLOCKS = /^(?:invalid_blocks|invalid_blocks_format|msg_blocks_too_long|block_mismatch|unsupported_block)/;

export function refusesBlocks(code: string): boolean {
  return REFUSED_BLOCKS.test(code);
}

/**
 * The family's error for a Slack error code, e.g. `channel_not_found`. An answer without a code is no Slack's (a proxy,
 * an error page): it may pass, and nothing of it is repeated.
 */
export function slackError(method: string, code: string, cause: unknown): HeadroomError {
  if (!/^[a-z_]{1,60}$/.test(code))
    return new HeadroomError('unavailable', `Slack's answer to ${method} is not understood`);
  const { kind, nextStep } = KINDS.get(code) ?? REFUSED_CONTENT;
  return new HeadroomError(
    kind,
    `Slack refused ${method}: ${code}`,
    nextStep === undefined ? { cause } : { cause, nextStep },
  );
}

/** The Slack error code behind an error of `slackError`; undefined for any other. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof HeadroomError ? /^Slack refused \S+: ([a-z_]+)$/.exec(error.message)?.[1] : undefined;
}
