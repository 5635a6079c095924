import { keepWithin, type Part } from '../budget.ts';
import type { PostIncident } from '../post-incident.ts';
import { secondWords } from '../words.ts';
import { MARKDOWN_LIMITS } from './limits.ts';
import { linkList } from './markdown.ts';
import { escapeMarkdown, markdownTable } from './markdown-escape.ts';
import { chartSection, fieldTable, findingSection, noteList, section } from './markdown-sections.ts';

/**
 * The post-incident document in Markdown (CommonMark with tables and task lists): summary, impact, cause with evidence, who was
 * hurt, fixes with their predicted effect, timeline, what was done and by whom, open questions, next steps. Below 60,000
 * characters; sections that do not fit are dropped, the evidence of lesser causes first.
 */
export function renderPostIncident(report: PostIncident): string {
  const { message, fixes, deeds, timeline } = report;
  const parts: Part<string>[] = [
    { rank: 1, items: [headSection(report)] },
    { rank: 2, items: section('Impact', fieldTable(message.impact ?? [])) },
    { rank: 6, items: section('Load', chartSection(message.chart)) },
    ...message.findings.map((finding, index) => ({
      rank: index === 0 ? 2 : 8,
      items: [findingSection({ ...finding, fixes: finding.fixes.filter(({ snippet }) => snippet) }, index)],
    })),
    {
      rank: 3,
      items: section(
        'Who was hurt',
        report.victims.map((name) => `- ${escapeMarkdown(name)}`),
      ),
    },
    {
      rank: 3,
      items: section(
        'Fixes and their predicted effect',
        markdownTable(
          ['Cause', 'Fix', 'Predicted effect'],
          fixes.map(({ cause, title, effect }) => [cause, title, effect]),
        ),
      ),
    },
    {
      rank: 3,
      items: section(
        'Prediction and outcome',
        markdownTable(
          ['What was done', 'Predicted', 'What came of it'],
          report.outcomes.map(({ what, predicted, happened }) => [what, predicted, happened]),
        ),
      ),
    },
    {
      rank: 4,
      items: section(
        'Timeline',
        markdownTable(
          ['When', 'What'],
          timeline.map(({ at, text }) => [secondWords(at), text]),
        ),
      ),
    },
    {
      rank: 5,
      items: section(
        'What was done, and by whom',
        markdownTable(
          ['When', 'Who', 'What'],
          deeds.map(({ at, who, what }) => [secondWords(at), who, what]),
        ),
      ),
    },
    { rank: 4, items: section('Open questions, and what the answer rests on', noteList(report.questions)) },
    {
      rank: 2,
      items: section(
        'Next steps',
        report.nextSteps.map((step) => `- [ ] ${escapeMarkdown(step, 500)}`),
      ),
    },
    { rank: 7, items: section('Alert', fieldTable(message.facts)) },
    { rank: 7, items: section('Links', linkList(message)) },
    { rank: 1, items: [`Incident ${escapeMarkdown(message.incidentId, 100)}.`] },
  ];
  const { kept } = keepWithin(parts, (sections) => sections.join('\n\n').length < MARKDOWN_LIMITS.characters);
  return `${kept.join('\n\n')}\n`;
}

function headSection({ title, summary, message }: PostIncident): string {
  const lines = summary.map(({ label, value }) => `- **${escapeMarkdown(label, 40)}**: ${escapeMarkdown(value, 500)}`);
  return [`# ${escapeMarkdown(title, 200)}`, '', ...lines, '', `${escapeMarkdown(message.status, 300)}.`].join('\n');
}
