import { keepWithin, type Part } from '../budget.ts';
import { teamsChart } from '../teams/chart.ts';
import {
  cardMessage,
  fitsTeams,
  heading,
  labelled,
  monospace,
  run,
  type TeamsElement,
  type TeamsPayload,
  text,
} from '../teams/elements.ts';
import { findingElements, noteElements } from '../teams/sections.ts';
import { alignTable } from '../text/table.ts';
import type { AnalysisReport } from './report.ts';

const TABLE_COLUMNS = 72;
const CALLERS_MAX = 6;
const FACTS_MAX = 6;

const COLOURS = { none: 'Good', open: 'Warning', told: 'Attention' } as const;

/** A report as one Adaptive Card below 21 KB; what does not fit is dropped, lead and status never. */
export function renderReportTeams(report: AnalysisReport): TeamsPayload {
  const [main] = report.charts;
  const table = alignTable({ ...report.callers, rows: report.callers.rows.slice(0, CALLERS_MAX) }, TABLE_COLUMNS);
  const callers = report.callers.rows.length === 0 ? [] : monospace(table.join('\n'));
  const parts: Part<TeamsElement>[] = [
    { rank: 1, items: leadElements(report) },
    { rank: 3, items: main === undefined ? [] : teamsChart(main.chart) },
    ...report.findings.map((finding, index) => ({ rank: index === 0 ? 2 : 7, items: findingElements(finding, index) })),
    { rank: 5, items: callers.length === 0 ? [] : [...heading('Callers'), ...callers], heads: 1 },
    { rank: 6, items: report.ceilings.flatMap((ceiling) => text(run(ceiling.text, {}, 300), 'Small')) },
    { rank: 5, items: report.impact.slice(0, FACTS_MAX).flatMap(({ label, value }) => labelled(label, value)) },
    { rank: 4, items: noteElements(report.notes), heads: 1 },
  ];
  const { kept } = keepWithin(parts, (body) => fitsTeams(cardMessage(report.title, [...body], [])));
  return cardMessage(report.title, kept, []);
}

function leadElements(report: AnalysisReport): TeamsElement[] {
  const title = run(report.title, { size: 'Large', weight: 'Bolder', color: COLOURS[report.trouble] }, 200);
  return [
    ...text(title),
    ...report.lead.flatMap((line) => text(run(line, {}, 240), 'Small')),
    ...text(run(report.status, { isSubtle: true, size: 'Small' }, 300), 'Small'),
  ];
}
