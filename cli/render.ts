import { buildMessage } from '../shared/chat/message.ts';
import { renderSlackAnswer } from '../shared/chat/slack/answer.ts';
import { renderSlack } from '../shared/chat/slack/message.ts';
import { renderTeamsAnswer } from '../shared/chat/teams/answer.ts';
import { renderTeams } from '../shared/chat/teams/message.ts';
import { renderMarkdownAnswer, renderTextAnswer } from '../shared/chat/text/answer.ts';
import { renderMarkdown } from '../shared/chat/text/markdown.ts';
import { renderText } from '../shared/chat/text/message.ts';
import { assertNever } from '../shared/errors.ts';
import type { Answer, Incident, Message, Note } from '../shared/model.ts';
import type { Format } from './args.ts';

/** Incidents in the format asked for; several as one JSON array, or one text after another. */
export function renderIncidents(
  incidents: readonly Incident[],
  format: Format,
  colour: boolean,
  /** What is said of one beside its message. */
  notesOn: (incident: Incident) => readonly Note[] = () => [],
): string {
  return renderMessages(
    incidents.map((incident) => {
      const message = buildMessage(incident);
      return { ...message, notes: [...message.notes, ...notesOn(incident)] };
    }),
    format,
    colour,
  );
}

export function renderMessages(messages: readonly Message[], format: Format, colour: boolean): string {
  switch (format) {
    case 'text':
      return messages.map((message) => `${renderText(message, { colour })}\n`).join('\n');
    case 'markdown':
      return messages.map((message) => `${renderMarkdown(message)}\n`).join('\n');
    case 'json':
      return json(messages);
    case 'slack':
      return json(messages.map((message) => renderSlack(message)));
    case 'teams':
      return json(messages.map((message) => renderTeams(message)));
    default:
      return assertNever(format);
  }
}

export function renderAnswer(answer: Answer, format: Format, colour: boolean): string {
  switch (format) {
    case 'text':
      return `${renderTextAnswer(answer, { colour })}\n`;
    case 'markdown':
      return renderMarkdownAnswer(answer);
    case 'json':
      return json([answer]);
    case 'slack':
      return json([renderSlackAnswer(answer)]);
    case 'teams':
      return json([renderTeamsAnswer(answer)]);
  }
}

/** One value as it is, several as a list. */
export function json(values: readonly unknown[]): string {
  return `${JSON.stringify(values.length === 1 ? values[0] : values, null, 2)}\n`;
}
