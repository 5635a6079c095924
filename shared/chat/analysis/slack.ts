import { keepWithin, type Part } from '../budget.ts';
import {
  fieldSections,
  fits,
  header,
  list,
  preformatted,
  rich,
  run,
  type SlackBlock,
  type SlackPayload,
  section,
} from '../slack/blocks.ts';
import { notification } from '../slack/escape.ts';
import { BREAK, chartBlocks, findingBlocks, notesBlocks, titled } from '../slack/sections.ts';
import { alignTable } from '../text/table.ts';
import type { AnalysisReport } from './report.ts';

const TABLE_COLUMNS = 72;
const CALLERS_MAX = 6;
const LEAD_MAX = 240;

const ICONS: Record<AnalysisReport['trouble'], string> = { none: '✅', open: '🟠', told: '🔴' };

/** A report as Block Kit, within every limit of `slack/limits.ts`; what does not fit is dropped, lead and status never. */
export function renderReportSlack(report: AnalysisReport): SlackPayload {
  const [main] = report.charts;
  const table = alignTable({ ...report.callers, rows: report.callers.rows.slice(0, CALLERS_MAX) }, TABLE_COLUMNS);
  const parts: Part<SlackBlock>[] = [
    { rank: 1, items: [header(`${ICONS[report.trouble]} ${report.title}`), ...leadBlocks(report)] },
    // Pasted or sent through a webhook: Slack does not say whether those take its own chart.
    { rank: 3, items: chartBlocks(main?.chart, false) },
    ...report.findings.map((finding, index) => ({ rank: index === 0 ? 2 : 7, items: findingBlocks(finding, index) })),
    {
      rank: 5,
      items: report.callers.rows.length === 0 ? [] : titled('Callers', rich(preformatted(table.join('\n')))),
      heads: 1,
    },
    { rank: 6, items: titled('Limits', rich(list(report.ceilings.map(({ text }) => run(text))))), heads: 1 },
    { rank: 5, items: titled('Impact', fieldSections(report.impact)), heads: 1 },
    { rank: 4, items: notesBlocks(report.notes) },
  ];
  const { kept } = keepWithin(parts, fits);
  return {
    text: notification([report.title, ...report.lead.slice(1)]),
    blocks: kept,
    mrkdwn: false,
    unfurl_links: false,
    unfurl_media: false,
  };
}

function leadBlocks({ lead, status }: AnalysisReport): SlackBlock[] {
  const lines = lead.flatMap((text, index) => [...run(text, index === 0 ? 'bold' : undefined, LEAD_MAX), BREAK]);
  return rich(section([...lines, ...run(status)]));
}
