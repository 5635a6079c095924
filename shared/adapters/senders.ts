import type { ChatSender } from '../ports.ts';
import { slackBot } from './slack/bot.ts';
import { slackWebhook } from './slack/incoming-webhook.ts';
import { teamsWorkflow } from './teams/workflow.ts';

type Hidden = { reveal(): string };

/** The part of the configuration that says where messages go. */
export type SenderChoices = {
  slackBotToken: Hidden | undefined;
  slackChannel: string | undefined;
  slackWebhookUrl: Hidden | undefined;
  teamsWorkflowUrl: Hidden | undefined;
  /** Base URLs in place of the services' own. */
  endpoints: { SLACK?: string | undefined; TEAMS?: string | undefined };
};

/**
 * The destinations that are configured, in the order Slack, Teams; empty when there is none. Where both a bot and a webhook
 * are given for Slack, both are used: they may well be different channels.
 */
export function createSenders(choices: SenderChoices): ChatSender[] {
  const { slackBotToken, slackChannel, slackWebhookUrl, teamsWorkflowUrl, endpoints } = choices;
  const slack = endpoints.SLACK === undefined ? {} : { endpoint: endpoints.SLACK };
  const teams = endpoints.TEAMS === undefined ? {} : { endpoint: endpoints.TEAMS };
  const senders: ChatSender[] = [];
  if (slackBotToken !== undefined && slackChannel !== undefined)
    senders.push(slackBot({ token: slackBotToken.reveal(), channel: slackChannel, ...slack }));
  if (slackWebhookUrl !== undefined) senders.push(slackWebhook({ url: slackWebhookUrl.reveal(), ...slack }));
  if (teamsWorkflowUrl !== undefined) senders.push(teamsWorkflow({ url: teamsWorkflowUrl.reveal(), ...teams }));
  return senders;
}
