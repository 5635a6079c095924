import type { RichTextElement, RichTextText } from '@slack/types';
import { drawColumns } from '../../charts/columns.ts';
import { markerLine } from '../../charts/native.ts';
import type { Chart, FindingView, Note } from '../../model.ts';
import { findingWords } from '../finding-view.ts';
import { kindWords } from '../words.ts';
import { context, list, own, preformatted, rich, run, type SlackBlock, section } from './blocks.ts';
import { slackChart } from './chart.ts';

const TEXT_CHART = { columns: 60, rows: 6 };
export const BREAK: RichTextText = own('\n');

/** Blocks under a heading; nothing without blocks. */
export function titled(title: string, blocks: SlackBlock[]): SlackBlock[] {
  return blocks.length === 0 ? [] : [...rich(section(run(title, 'bold'))), ...blocks];
}

/** @param native with Slack's own chart block, else as text */
export function chartBlocks(chart: Chart | undefined, native: boolean): SlackBlock[] {
  if (!chart) return [];
  if (native) {
    const block = slackChart(chart);
    const marked = markerLine(chart);
    return block ? [block, ...(marked === undefined ? [] : [context([marked])])] : [];
  }
  const drawn = drawColumns(chart, TEXT_CHART);
  if (!drawn) return [];
  const title = [...run(chart.title, 'bold'), own(' '), ...run(`(${chart.unit})`)];
  return rich([...section(title), ...preformatted([...drawn.plot, drawn.legend].join('\n'))]);
}

/**
 * A cause with its facts, fixes and first snippet.
 *
 * @param said what stands above it already: a summary that is part of it is not said again
 */
export function findingBlocks(finding: FindingView, index: number, said = ''): SlackBlock[] {
  const head: RichTextElement[] = [
    ...run(`${index + 1}. ${kindWords(finding.kind)}`, 'bold'),
    ...lead(findingWords(finding)),
    ...(said.endsWith(finding.summary) ? [] : [BREAK, ...run(finding.summary)]),
  ];
  const details: RichTextElement[][] = [];
  if (finding.caller !== undefined) details.push(labelled('Caller', finding.caller));
  if (finding.victims.length > 0) details.push(labelled('Hurt', finding.victims.join(', ')));
  for (const fact of finding.facts) details.push(labelled(fact.label, fact.value));
  const blocks: SlackBlock[] = rich([...section(head), ...list(details)]);
  const fixes = finding.fixes.map((fix) => [
    ...run(fix.title, 'bold'),
    ...(fix.effect === undefined ? [] : lead(fix.effect)),
  ]);
  blocks.push(...rich([...section(fixes.length === 0 ? [] : run('Fixes, those that help first')), ...list(fixes)]));
  const shown = finding.fixes.find((fix) => fix.snippet !== undefined);
  // Of which fix it is has to be said where it is not that of the first.
  const name = shown && shown !== finding.fixes[0] ? section([...run(shown.title), own(':')]) : [];
  if (shown?.snippet) blocks.push(...rich([...name, ...preformatted(shown.snippet.text)]));
  return blocks;
}

/** Text that follows a bold run, set off by a comma of ours. */
function lead(text: string): RichTextText[] {
  const after = run(text);
  return after.length === 0 ? [] : [own(': '), ...after];
}

function labelled(label: string, value: string): RichTextElement[] {
  return [...run(label, 'bold'), ...lead(value)];
}

export function notesBlocks(notes: readonly Note[]): SlackBlock[] {
  const items = notes.map((note) => [
    ...run(note.text),
    ...(note.nextStep === undefined ? [] : [own(' '), ...run('Next:', 'bold'), own(' '), ...run(note.nextStep)]),
  ]);
  return rich([...section(items.length === 0 ? [] : run('Notes', 'bold')), ...list(items)]);
}
