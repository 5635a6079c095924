import { describe, expect, test } from 'vitest';
import { buildMessage } from '../../../shared/chat/message.ts';
import { renderSlack } from '../../../shared/chat/slack/message.ts';
import { renderTeams } from '../../../shared/chat/teams/message.ts';
import { renderMarkdown } from '../../../shared/chat/text/markdown.ts';
import { renderText } from '../../../shared/chat/text/message.ts';
import { CASES } from './cases.ts';
import { checkSlackPayload } from './check-slack.ts';
import { checkTeamsMessage } from './check-teams.ts';
import { expectGolden } from './golden.ts';
import { PLAN_CASES } from './plan-cases.ts';

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** Of what can be done, the offer and the end: what lies between differs in a line of theirs, and is held to `plans.test.ts`. */
const PLANS = Object.entries(PLAN_CASES).filter(([name]) => name === 'plan-offered' || name === 'final-summary');

describe.each([...Object.entries(CASES), ...PLANS])('the message of %s', (name, incident) => {
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
