/** Where Slack takes answers to commands and presses. @see https://docs.slack.dev/interactivity/handling-user-interaction */
const HOOK_HOSTS: ReadonlySet<string> = new Set(['hooks.slack.com', 'hooks.slack-gov.com']);

/** Uses of one `response_url`, and how long it lives. @see https://docs.slack.dev/interactivity/handling-user-interaction#message_responses */
export const RESPONSES_MAX = 5;
export const RESPONSE_LIFE_MS = 30 * 60_000;

/**
 * Whether an answer may be sent there: https to one of Slack's hook hosts, and nowhere else (field-notes 33); with an
 * emulator's base URL, there alone.
 */
export function isSlackHook(url: string, endpoint?: string): boolean {
  const parsed = URL.parse(url);
  if (parsed === null) return false;
  if (parsed.username !== '' || parsed.password !== '') return false;
  if (endpoint !== undefined) return parsed.origin === URL.parse(endpoint)?.origin;
  return parsed.protocol === 'https:' && parsed.port === '' && HOOK_HOSTS.has(parsed.hostname);
}
