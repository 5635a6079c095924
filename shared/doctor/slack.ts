import type { Check, CheckPorts, CheckResult } from './check.ts';

/** Any of them lets the bot ask what stands in the channel before a post of unknown end is repeated. */
const HISTORY = ['channels:history', 'groups:history'];

/** Whether the bot's token is good, may do what it has to, and is in its channel; whether Slack's requests can be checked. */
export const slack: Check = {
  name: 'slack',
  async run(ports) {
    const { slackBotToken, slackWebhookUrl } = ports.config;
    if (slackBotToken !== undefined) return examineBot(ports);
    if (slackWebhookUrl === undefined) return { ok: true, detail: 'not configured' };
    return { ok: true, detail: 'an incoming webhook: it posts, and neither edits nor hears anything' };
  },
};

async function examineBot({ config, slack: desk }: CheckPorts): Promise<CheckResult> {
  const { slackSigningSecret, slackChannel = '' } = config;
  const scopes = (await desk.scopes()) ?? [];
  const hears = slackSigningSecret !== undefined;
  const missing = ['chat:write', ...(hears ? ['commands'] : [])].filter((scope) => !scopes.includes(scope));
  if (missing.length > 0)
    return {
      ok: false,
      problem: `the token lacks ${missing.join(' and ')}`,
      nextStep: 'Add what is missing under OAuth & Permissions of the Slack app, and install it again',
    };
  if ((await desk.isIn(slackChannel)) === 'no')
    return {
      ok: false,
      problem: `the app is not in the channel ${slackChannel}`,
      nextStep: 'Type /invite @headroom there, and put the id of the channel (C…) into HEADROOM_SLACK_CHANNEL',
    };
  const asks = HISTORY.some((scope) => scopes.includes(scope));
  const details = [
    `posts to ${slackChannel}`,
    hears ? 'hears commands and buttons' : 'hears nothing: HEADROOM_SLACK_SIGNING_SECRET is not set',
    ...(asks ? [] : ['cannot ask before it repeats a post: give it channels:history']),
  ];
  return { ok: true, detail: details.join('; ') };
}
