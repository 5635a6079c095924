import { keepWithin, type Part } from '../budget.ts';
import { MARKDOWN_LIMITS } from '../text/limits.ts';
import { escapeMarkdown, markdownTable } from '../text/markdown-escape.ts';
import { chartSection, fieldTable, findingSection, noteList, section } from '../text/markdown-sections.ts';
import type { AnalysisReport } from './report.ts';

/**
 * Reports as one Markdown document, a chapter each, below 60,000 characters: what does not fit is dropped, the last reports
 * and their details first.
 */
export function renderReportsMarkdown(reports: readonly AnalysisReport[]): string {
  const parts = reports.flatMap((report, index) => partsOf(report, index));
  const { kept, shortened } = keepWithin(parts, (all) => all.join('\n\n').length < MARKDOWN_LIMITS.characters - 100);
  return `${[...kept, ...(shortened ? ['Shortened to fit; `--format json` holds all of it.'] : [])].join('\n\n')}\n`;
}

function partsOf(report: AnalysisReport, index: number): Part<string>[] {
  /** All parts of a later report go before any of an earlier one. */
  const rank = (importance: number): number => importance + 10 * index;
  return [
    { rank: rank(1), items: [headSection(report)] },
    { rank: rank(4), items: section('Load', chartSection(report.charts[0]?.chart)) },
    { rank: rank(5), items: section('Callers', markdownTable(report.callers.columns, report.callers.rows)) },
    ...report.findings.map((finding, place) => ({
      rank: rank(place === 0 ? 2 : 6),
      items: [findingSection(finding, place)],
    })),
    {
      rank: rank(3),
      items: section(
        'Limits',
        report.ceilings.map(({ text }) => `- ${escapeMarkdown(text, 300)}`),
      ),
    },
    { rank: rank(3), items: section('Impact', fieldTable(report.impact)) },
    { rank: rank(4), items: section('Notes', noteList(report.notes)) },
  ];
}

function headSection(report: AnalysisReport): string {
  return [
    `# ${escapeMarkdown(report.title, 200)}`,
    '',
    ...report.lead.map((line) => `- ${escapeMarkdown(line, 240)}`),
    '',
    `${escapeMarkdown(report.status, 300)}.`,
  ].join('\n');
}
