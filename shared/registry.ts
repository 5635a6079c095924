/**
 * The table of contents: what the house knows, each room its own list, so that a bundle takes only what it uses.
 * Adding a source, evidence kind, diagnosis or fix is one file and one line here.
 */
import { renderSlack } from './chat/slack/message.ts';
import { renderTeams } from './chat/teams/message.ts';
import { renderText } from './chat/text/message.ts';
import type { Message, Source } from './model.ts';
import type { ChatSender } from './ports.ts';
import { alertmanager } from './sources/alertmanager.ts';
import { azure } from './sources/azure.ts';
import { cloudwatch } from './sources/cloudwatch.ts';

export const SOURCES: readonly Source[] = [azure, cloudwatch, alertmanager];

/** How each platform says a message; what stands at a plain Slack webhook may not take the native chart. */
export const RENDERERS: Readonly<Record<ChatSender['platform'], (message: Message, sender: ChatSender) => unknown>> = {
  slack: (message, sender) => renderSlack(message, { nativeChart: sender.canEdit }),
  teams: (message) => renderTeams(message),
  text: (message) => renderText(message),
};
