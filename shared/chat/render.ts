import { createHash } from 'node:crypto';
import type { Answer, Message } from '../model.ts';
import type { ChatSender, Rendered } from '../ports.ts';
import { renderSlackAnswer } from './slack/answer.ts';
import { renderSlack } from './slack/message.ts';
import { renderTeamsAnswer } from './teams/answer.ts';
import { renderTeams } from './teams/message.ts';
import { renderMarkdownAnswer, renderTextAnswer } from './text/answer.ts';
import { renderMarkdown } from './text/markdown.ts';
import { renderText, type TextOptions } from './text/message.ts';

/**
 * A message as its destination takes it, with a hash of its content.
 *
 * Slack bots get Slack's own chart, with the chart in text as the fallback; incoming webhooks, for which Slack does not
 * say whether they take the chart block, get text at once.
 */
export function renderFor(
  sender: Pick<ChatSender, 'platform' | 'canEdit'>,
  message: Message,
  options: TextOptions = {},
): Rendered {
  const rendered = (body: unknown): Rendered => ({
    incidentId: message.incidentId,
    revision: message.revision,
    hash: hashOf(body),
    body,
  });
  switch (sender.platform) {
    case 'slack':
      if (!sender.canEdit || !message.chart) return rendered(renderSlack(message, { nativeChart: false }));
      return { ...rendered(renderSlack(message)), fallback: renderSlack(message, { nativeChart: false }) };
    case 'teams':
      return rendered(renderTeams(message));
    case 'text':
      return rendered(renderText(message, options));
  }
}

export type Format = 'text' | 'markdown' | 'slack' | 'teams';

/** A message in one of the formats of the command line; JSON formats are indented. */
export function renderAs(format: Format, message: Message, options: TextOptions = {}): string {
  switch (format) {
    case 'text':
      return renderText(message, options);
    case 'markdown':
      return renderMarkdown(message);
    case 'slack':
      return JSON.stringify(renderSlack(message), null, 2);
    case 'teams':
      return JSON.stringify(renderTeams(message), null, 2);
  }
}

/** A command's answer in one of the formats of the command line. */
export function renderAnswerAs(format: Format, answer: Answer, options: TextOptions = {}): string {
  switch (format) {
    case 'text':
      return renderTextAnswer(answer, options);
    case 'markdown':
      return renderMarkdownAnswer(answer);
    case 'slack':
      return JSON.stringify(renderSlackAnswer(answer), null, 2);
    case 'teams':
      return JSON.stringify(renderTeamsAnswer(answer), null, 2);
  }
}

/** 16 hex digits of SHA-256 over the body: equal content, equal hash. The revision is no part of it. */
function hashOf(body: unknown): string {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
