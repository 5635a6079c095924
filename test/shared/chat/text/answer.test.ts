import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderSlackAnswer } from '../../../../shared/chat/slack/answer.ts';
import { renderTeamsAnswer } from '../../../../shared/chat/teams/answer.ts';
import { renderMarkdownAnswer, renderTextAnswer } from '../../../../shared/chat/text/answer.ts';
import { widthOf } from '../../../../shared/chat/text/width.ts';
import type { Answer } from '../../../../shared/model.ts';
import { checkSlackPayload } from '../check-slack.ts';
import { checkTeamsMessage } from '../check-teams.ts';
import { checkString } from '../check-text.ts';
import { text } from '../hostile.ts';

const STATUS: Answer = {
  title: '2 open incidents',
  lines: ['Newest first.', '  why <incident>   says more'],
  table: {
    columns: ['incident', 'resource', 'since'],
    rows: [
      ['inc-1', 'kv-orders-prod', '14:03'],
      ['inc-2', '<!channel> *x* [a](http://b)', '13:00'],
    ],
  },
  notes: [{ text: 'One destination is down.', nextStep: 'Run headroom doctor.' }],
};

const answers: fc.Arbitrary<Answer> = fc
  .record({
    title: text,
    lines: fc.array(text, { maxLength: 60 }),
    notes: fc.array(fc.record({ text, nextStep: text }), { maxLength: 30 }),
    table: fc.option(
      fc.record({
        columns: fc.array(text, { maxLength: 12 }),
        rows: fc.array(fc.array(text, { maxLength: 12 }), { maxLength: 60 }),
      }),
    ),
  })
  .map(({ table, ...rest }) => (table ? { ...rest, table } : rest));

describe('an answer to a command', () => {
  test('reads as text, with layout kept', () => {
    expect(renderTextAnswer(STATUS)).toBe(
      [
        '2 open incidents',
        'Newest first.',
        '  why <incident> says more',
        'incident  resource                      since',
        '────────  ────────────────────────────  ─────',
        'inc-1     kv-orders-prod                14:03',
        'inc-2     <!channel> *x* [a](http://b)  13:00',
        '! One destination is down. Next: Run headroom doctor.',
      ].join('\n'),
    );
  });

  test('says how much was left out of a long text', () => {
    const long = renderTextAnswer({
      title: 't',
      lines: Array.from({ length: 300 }, (_, index) => `line ${index}`),
      notes: [],
    });
    expect(long.split('\n')).toHaveLength(120);
    expect(long.split('\n').at(-1)).toBe('… 182 more lines');
  });

  test('reads as Markdown', () => {
    expect(renderMarkdownAnswer(STATUS)).toContain('| inc-2 | \\<!channel\\> \\*x\\* \\[a\\](http\\://b) | 13:00 |');
  });

  test.each([
    ['Slack', () => checkSlackPayload(renderSlackAnswer(STATUS))],
    ['Teams', () => checkTeamsMessage(renderTeamsAnswer(STATUS))],
  ])('is within the limits of %s', (_platform, check) => {
    expect(check()).toEqual([]);
  });

  test('says something on every platform even where there is nothing to say', () => {
    const empty: Answer = { title: '', lines: [], notes: [] };
    expect(checkSlackPayload(renderSlackAnswer(empty))).toEqual([]);
    expect(checkTeamsMessage(renderTeamsAnswer(empty))).toEqual([]);
  });

  test('passes no limit and no markup on any platform, whatever it holds', () => {
    fc.assert(
      fc.property(answers, (answer) => {
        expect(checkSlackPayload(renderSlackAnswer(answer))).toEqual([]);
        expect(checkTeamsMessage(renderTeamsAnswer(answer))).toEqual([]);
        const lines = renderTextAnswer(answer).split('\n');
        expect(lines.length).toBeLessThanOrEqual(120);
        expect(lines.filter((line) => widthOf(line) > 80 || checkString(line, '').length > 0)).toEqual([]);
        expect(checkString(renderMarkdownAnswer(answer), 'document')).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});
