import { nothingToTell } from '../../shared/chat/analysis/intake.ts';
import { renderReportsMarkdown } from '../../shared/chat/analysis/markdown.ts';
import { type AnalysisReport, buildReport } from '../../shared/chat/analysis/report.ts';
import { renderReportSlack } from '../../shared/chat/analysis/slack.ts';
import { renderReportTeams } from '../../shared/chat/analysis/teams.ts';
import { renderReportHead, renderReportText } from '../../shared/chat/analysis/text.ts';
import { DEFAULT_PRIVACY } from '../../shared/chat/privacy.ts';
import type { TextOptions } from '../../shared/chat/text/lines.ts';
import type { Analysis, LogAnalysis, Privacy } from '../../shared/model.ts';
import type { Format } from '../args.ts';
import { json, renderAnswer } from '../render.ts';

/** Reports in full on a terminal; of further vaults the first lines say whether they are worth a look of their own. */
const FULL_REPORTS = 3;
const RULE = '─';

export type RenderOptions = TextOptions & { columns: number; colour: boolean; all: boolean };

/** An analysis in the format asked for, with its final line break. */
export function renderAnalysis(analysis: LogAnalysis, format: Format, options: RenderOptions): string {
  if (format === 'json') return json([documentOf(analysis)]);
  if (analysis.resources.length === 0) return renderAnswer(nothingToTell(analysis), format, options.colour);
  // A person's own terminal shows all; what is made to be passed on hides what chat hides.
  const reports = reportsOf(analysis, format === 'text' ? 'full' : DEFAULT_PRIVACY);
  switch (format) {
    case 'text':
      return renderTexts(reports, options);
    case 'markdown':
      return renderReportsMarkdown(reports);
    case 'slack':
      return json(reports.map((report) => renderReportSlack(report)));
    case 'teams':
      return json(reports.map((report) => renderReportTeams(report)));
  }
}

/** The document of `--format json`: exactly the fields of `headroom.analysis/1`. */
function documentOf({ skipped, resources }: LogAnalysis): Analysis {
  return { schema: 'headroom.analysis/1', skipped, resources: resources.map(({ told }) => told) };
}

function reportsOf(analysis: LogAnalysis, privacy: Privacy): AnalysisReport[] {
  return analysis.resources.map((resource, index) =>
    buildReport(resource, { privacy, intake: analysis, tellsIntake: index === 0 }),
  );
}

function renderTexts(reports: readonly AnalysisReport[], options: RenderOptions): string {
  const full = options.all ? reports.length : FULL_REPORTS;
  const texts = reports.map((report, index) =>
    index < full && (index === 0 || report.trouble !== 'none' || options.all)
      ? renderReportText(report, options)
      : renderReportHead(report, options),
  );
  return `${texts.join(`\n${RULE.repeat(Math.min(80, options.columns))}\n`)}\n`;
}
