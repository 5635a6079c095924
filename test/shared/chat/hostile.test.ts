import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildMessage } from '../../../shared/chat/message.ts';
import { renderSlack } from '../../../shared/chat/slack/message.ts';
import { renderTeams } from '../../../shared/chat/teams/message.ts';
import { renderMarkdown } from '../../../shared/chat/text/markdown.ts';
import { renderText } from '../../../shared/chat/text/message.ts';
import type { Message, Privacy } from '../../../shared/model.ts';
import { checkSlackPayload } from './check-slack.ts';
import { checkTeamsMessage } from './check-teams.ts';
import { checkString, stringsIn } from './check-text.ts';
import { hostileIncident, hostileMessage } from './hostile.ts';

const RUNS = { numRuns: 100 };
const COLOURS = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]+m`, 'g');
const PRIVACIES: Privacy[] = ['full', 'masked', 'minimal'];

const privacy = fc.constantFrom(...PRIVACIES);
const built = fc
  .tuple(hostileIncident, privacy)
  .map(([incident, of]) => buildMessage(incident, { privacy: of, actions: [{ id: 'ack', label: 'Acknowledge' }] }));
const message: fc.Arbitrary<Message> = fc.oneof(built, hostileMessage);

/** Lines and columns of a terminal message, counted by code points and by UTF-16 units. */
function checkTerminal(text: string): string[] {
  const lines = text.split('\n');
  const problems = lines.length > 40 ? [`${lines.length} lines`] : [];
  for (const [index, line] of lines.entries()) {
    if (line.length > 80 || [...line].length > 80) problems.push(`line ${index}: ${line.length} columns`);
    problems.push(...checkString(line, `line ${index}`));
  }
  return problems;
}

describe('whatever an incident holds', () => {
  test('its message is clean text, the lead three lines of 80 columns at most', () => {
    fc.assert(
      fc.property(built, ({ resource: _resource, incidentId: _id, findings, ...rest }) => {
        const snippets = findings.flatMap(({ fixes }) => fixes.map(({ snippet }) => snippet?.text ?? ''));
        expect(
          stringsIn(rest).flatMap(([path, text]) => (path.startsWith('$.actions') ? [] : checkString(text, path))),
        ).toEqual([]);
        expect(snippets.flatMap((text) => checkString(text, 'snippet'))).toEqual([]);
        expect(rest.lead).toHaveLength(3);
        expect(rest.lead.filter((line) => line.length > 80)).toEqual([]);
      }),
      RUNS,
    );
  });

  test.each([true, false])('Slack takes it and shows every character as it is (own chart: %s)', (nativeChart) => {
    fc.assert(
      fc.property(message, (any) => {
        expect(checkSlackPayload(renderSlack(any, { nativeChart }))).toEqual([]);
      }),
      RUNS,
    );
  });

  test('Teams takes it and shows every character as it is', () => {
    fc.assert(
      fc.property(message, (any) => {
        expect(checkTeamsMessage(renderTeams(any))).toEqual([]);
        expect(checkTeamsMessage(renderTeams(any, { buttons: true }), 'bot')).toEqual([]);
      }),
      RUNS,
    );
  });

  test('a terminal shows at most 40 lines of 80 columns, and nothing moves its cursor', () => {
    fc.assert(
      fc.property(message, fc.integer({ min: 40, max: 200 }), (any, columns) => {
        expect(checkTerminal(renderText(any))).toEqual([]);
        expect(checkTerminal(renderText(any, { columns, colour: true }).replace(COLOURS, ''))).toEqual([]);
      }),
      RUNS,
    );
  });

  test('a document stays below 60,000 characters', () => {
    fc.assert(
      fc.property(message, (any) => {
        const text = renderMarkdown(any);
        expect(text.length).toBeLessThan(60_000);
        expect(checkString(text, 'document')).toEqual([]);
      }),
      RUNS,
    );
  });
});
