import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { intakeNotes } from '../../../../shared/chat/analysis/intake.ts';
import { renderReportsMarkdown } from '../../../../shared/chat/analysis/markdown.ts';
import { buildReport } from '../../../../shared/chat/analysis/report.ts';
import { renderReportSlack } from '../../../../shared/chat/analysis/slack.ts';
import { renderReportTeams } from '../../../../shared/chat/analysis/teams.ts';
import { renderReportHead, renderReportText } from '../../../../shared/chat/analysis/text.ts';
import type { Privacy } from '../../../../shared/model.ts';
import { checkSlackPayload } from '../check-slack.ts';
import { checkTeamsMessage } from '../check-teams.ts';
import { checkString } from '../check-text.ts';
import { hostileAnalysis, hostileIntake } from './hostile.ts';

const RUNS = { numRuns: 60 };
const COLOURS = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]+m`, 'g');
const PRIVACIES: Privacy[] = ['full', 'masked', 'minimal'];

const report = fc
  .tuple(hostileAnalysis, hostileIntake, fc.constantFrom(...PRIVACIES))
  .map(([analysis, intake, privacy]) => buildReport(analysis, { privacy, intake, tellsIntake: true }));

function checkTerminal(text: string): string[] {
  const lines = text.split('\n');
  const problems = lines.length > 40 ? [`${lines.length} lines`] : [];
  for (const [index, line] of lines.entries()) {
    if ([...line].length > 80) problems.push(`line ${index}: ${[...line].length} columns`);
    problems.push(...checkString(line, `line ${index}`));
  }
  return problems;
}

describe('whatever a log holds', () => {
  test('a terminal shows at most 40 lines of 80 columns that begin with the lead, and nothing moves its cursor', () => {
    fc.assert(
      fc.property(report, fc.integer({ min: 40, max: 200 }), (any, columns) => {
        const text = renderReportText(any);
        expect(checkTerminal(text)).toEqual([]);
        expect(text.split('\n').slice(0, 3)).toEqual(any.lead);
        expect(checkTerminal(renderReportText(any, { columns, colour: true }).replace(COLOURS, ''))).toEqual([]);
        expect(checkTerminal(renderReportHead(any, { columns }))).toEqual([]);
      }),
      RUNS,
    );
  });

  test('Slack takes it and shows every character as it is', () => {
    fc.assert(
      fc.property(report, (any) => {
        expect(checkSlackPayload(renderReportSlack(any))).toEqual([]);
      }),
      RUNS,
    );
  });

  test('Teams takes it and shows every character as it is', () => {
    fc.assert(
      fc.property(report, (any) => {
        expect(checkTeamsMessage(renderReportTeams(any))).toEqual([]);
      }),
      RUNS,
    );
  });

  test('a document of many reports stays below 60,000 characters and keeps the first lead', () => {
    fc.assert(
      fc.property(fc.array(report, { minLength: 1, maxLength: 6 }), (many) => {
        const text = renderReportsMarkdown(many);
        expect(text.length).toBeLessThan(60_000);
        expect(checkString(text, 'document')).toEqual([]);
        expect(text).toMatch(/^# /);
      }),
      { numRuns: 20 },
    );
  });

  test('what was left out of the files is told in clean sentences', () => {
    fc.assert(
      fc.property(hostileIntake, (intake) => {
        expect(intakeNotes(intake).flatMap(({ text }) => checkString(text, 'note'))).toEqual([]);
        expect(intakeNotes(intake).length).toBeLessThanOrEqual(7);
      }),
      RUNS,
    );
  });
});
