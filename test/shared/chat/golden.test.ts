import { describe, expect, test } from 'vitest';
import { buildMessage } from '../../../shared/chat/message.ts';
import { renderSlack } from '../../../shared/chat/slack/message.ts';
import { renderTeams } from '../../../shared/chat/teams/message.ts';
import { renderMarkdown } from '../../../shared/chat/text/markdown.ts';
import { renderText } from '../../../shared/chat/text/message.ts';
import { checkSlackPayload } from './check-slack.ts';
import { checkTeamsMessage } from './check-teams.ts';
import { expectGolden } from './golden.ts';
import { CASES } from './incidents.ts';

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

describe.each(Object.entries(CASES))('the message of %s', (name, incident) => {
  const message = buildMessage(incident);

  test('reads as its golden text, 40 lines of 80 columns at most', () => {
    const text = renderText(message);
    const lines = text.split('\n');
    expect(lines.length).toBeLessThanOrEqual(40);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(lines.slice(0, 3)).toEqual(message.lead);
    expectGolden(`${name}.txt`, `${text}\n`);
  });

  test('reads as its golden document', () => {
    expectGolden(`${name}.md`, renderMarkdown(message));
  });

  test.each([
    ['with its own chart', 'slack.json', true],
    ['with the chart as text', 'slack-text-chart.json', false],
  ])('is a Block Kit payload within every limit %s', (_what, ending, nativeChart) => {
    const payload = renderSlack(message, { nativeChart });
    expect(checkSlackPayload(payload)).toEqual([]);
    if (nativeChart || message.chart) expectGolden(`${name}.${ending}`, json(payload));
  });

  test('is a card that Teams and the card parser take', () => {
    const payload = renderTeams(message);
    expect(checkTeamsMessage(payload)).toEqual([]);
    expectGolden(`${name}.teams.json`, json(payload));
  });
});
