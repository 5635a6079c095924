import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildMessage } from '../../../shared/chat/message.ts';
import { renderSlack } from '../../../shared/chat/slack/message.ts';
import { renderSlackThread } from '../../../shared/chat/slack/thread.ts';
import { renderTeams } from '../../../shared/chat/teams/message.ts';
import { renderTeamsThread } from '../../../shared/chat/teams/thread.ts';
import { renderMarkdown } from '../../../shared/chat/text/markdown.ts';
import { renderText } from '../../../shared/chat/text/message.ts';
import { type ThreadEntry, threadOf } from '../../../shared/chat/thread.ts';
import type { Mention, Message, Privacy } from '../../../shared/model.ts';
import { checkSlackPayload } from './check-slack.ts';
import { checkTeamsMessage } from './check-teams.ts';
import { checkString, recordsIn, stringsIn } from './check-text.ts';
import { hostileIncident, hostileMessage, text as hostileText } from './hostile.ts';

const RUNS = { numRuns: 100 };
const COLOURS = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]+m`, 'g');
const PRIVACIES: Privacy[] = ['full', 'masked', 'minimal'];

const privacy = fc.constantFrom(...PRIVACIES);
const built = fc
  .tuple(hostileIncident, privacy)
  .map(([incident, of]) => buildMessage(incident, { privacy: of, actions: [{ id: 'ack', label: 'Acknowledge' }] }));
/** Entries that an incident makes, and one that passed nothing: renderers trust nothing. */
const entries: fc.Arbitrary<ThreadEntry[]> = fc
  .tuple(hostileIncident, privacy, fc.array(hostileText, { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([incident, of, lines, mention]) => [...threadOf(incident, of), { id: 'any', lines, mention, byPerson: false }]);
const message: fc.Arbitrary<Message> = fc.oneof(built, hostileMessage);

const DANA = { id: '6f1b3c6e-0d3c-4d0e-9a53-2f1f5f0e8a11', name: 'Dana O’Neill' };
const ON_SLACK: Mention[] = ['here', 'channel', { user: 'U0ALEX' }, { userGroup: 'S0ONCALL' }];
const whom: fc.Arbitrary<Mention> = fc.constantFrom(...ON_SLACK, 'none', DANA);

/** What calls people in blocks: elements alone do, text never. */
function callsIn(blocks: unknown): string[] {
  return recordsIn(blocks).flatMap(([, { type, range, user_id, usergroup_id }]) =>
    ['broadcast', 'user', 'usergroup'].includes(String(type)) ? [String(range ?? user_id ?? usergroup_id)] : [],
  );
}

/** Whom a mention may call on Slack: whom the settings name, there and nowhere else. */
function calledOnSlack(mentions: boolean, mention: Mention): string[] {
  if (!mentions || mention === 'none' || mention === DANA) return [];
  return typeof mention === 'string' ? [mention] : Object.values(mention);
}

function threadPayload(entry: ThreadEntry, mention: Mention): unknown {
  const payload = renderSlackThread(entry, mention);
  const called = calledOnSlack(entry.mention, mention);
  expect(callsIn(payload.blocks)).toEqual(called);
  expect('reply_broadcast' in payload).toBe(called.length > 0);
  return payload;
}

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
      fc.property(message, whom, (any, mention) => {
        const payload = renderSlack(any, { nativeChart, mention });
        expect(checkSlackPayload(payload)).toEqual([]);
        expect(callsIn(payload.blocks)).toEqual(calledOnSlack(any.mention, mention));
      }),
      RUNS,
    );
  });

  test('Teams takes it and shows every character as it is', () => {
    fc.assert(
      fc.property(message, whom, (any, mention) => {
        const called = any.mention && mention === DANA ? DANA : undefined;
        expect(checkTeamsMessage(renderTeams(any))).toEqual([]);
        expect(checkTeamsMessage(renderTeams(any, { mention }), 'webhook', called)).toEqual([]);
        expect(checkTeamsMessage(renderTeams(any, { buttons: true, mention }), 'bot', called)).toEqual([]);
      }),
      RUNS,
    );
  });

  test('the entries of its thread are taken by Slack and Teams, and show every character as it is', () => {
    fc.assert(
      fc.property(entries, whom, (all, mention) => {
        for (const entry of all) {
          const called = entry.mention && mention === DANA ? DANA : undefined;
          expect(checkSlackPayload(threadPayload(entry, mention))).toEqual([]);
          expect(checkTeamsMessage(renderTeamsThread(entry, mention), 'bot', called)).toEqual([]);
        }
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
