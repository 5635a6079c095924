import type { RichTextElement, RichTextText } from '@slack/types';
import { drawColumns } from '../../charts/columns.ts';
import type { FindingView, Message } from '../../model.ts';
import { keepWithin, type Part } from '../budget.ts';
import { iconOf, linkLabel } from '../icons.ts';
import { kindWords, timeWords, verdictWords } from '../words.ts';
import {
  buttons,
  context,
  fieldSections,
  header,
  link,
  list,
  own,
  preformatted,
  rich,
  run,
  type SlackBlock,
  type SlackPayload,
  section,
} from './blocks.ts';
import { slackChart } from './chart.ts';
import { notification } from './escape.ts';
import { SLACK_LIMITS } from './limits.ts';

export type SlackOptions = {
  /** Draw with Slack's own chart block (default); otherwise as text. */
  nativeChart?: boolean;
  /** Whom a mention calls; default `@here`. */
  mention?: { type: 'here' | 'channel' } | { type: 'usergroup' | 'user'; id: string } | { type: 'none' };
};

const TEXT_CHART = { columns: 60, rows: 6 };
const BREAK = own('\n');
const LEAD_MAX = 240;
const STATUS_MAX = 300;

/**
 * A message as a Block Kit payload for `chat.postMessage`, `chat.update` and incoming webhooks, within every limit of
 * `limits.ts` whatever the message holds. What does not fit is dropped: timeline first, lead, buttons and status never.
 */
export function renderSlack(message: Message, options: SlackOptions = {}): SlackPayload {
  const parts: Part<SlackBlock>[] = [
    { rank: 1, items: [header(`${iconOf(message)} ${message.title}`), ...leadBlocks(message, options)] },
    { rank: 3, items: chartBlocks(message, options.nativeChart ?? true) },
    ...message.findings.map((finding, index) => ({ rank: index === 0 ? 2 : 6, items: findingBlocks(finding, index) })),
    { rank: 5, items: titled('Impact', fieldSections(message.impact ?? [])), heads: 1 },
    { rank: 4, items: notesBlocks(message) },
    { rank: 5, items: fieldSections(message.facts) },
    { rank: 7, items: timelineBlocks(message) },
    { rank: 4, items: linkBlocks(message) },
    { rank: 1, items: buttons(message.actions) },
  ];
  const footer = (shortened: boolean) =>
    context([`incident ${message.incidentId}${shortened ? ' · shortened to fit' : ''}`]);
  const { kept, shortened } = keepWithin(parts, (blocks) => fits([...blocks, footer(true)]));
  return {
    text: notification([message.title, ...message.lead.slice(1)]),
    blocks: [...kept, footer(shortened)],
    mrkdwn: false,
    unfurl_links: false,
    unfurl_media: false,
  };
}

function fits(blocks: readonly SlackBlock[]): boolean {
  return blocks.length <= SLACK_LIMITS.blocks && JSON.stringify(blocks).length <= SLACK_LIMITS.blocksJson;
}

function titled(title: string, blocks: SlackBlock[]): SlackBlock[] {
  return blocks.length === 0 ? [] : [...rich(section(run(title, 'bold'))), ...blocks];
}

function leadBlocks(message: Message, options: SlackOptions): SlackBlock[] {
  const elements: RichTextElement[] = [];
  for (const [index, text] of message.lead.slice(0, 3).entries()) {
    if (index > 0) elements.push(BREAK);
    elements.push(...run(text, index === 0 ? 'bold' : undefined, LEAD_MAX));
  }
  elements.push(BREAK, ...run(message.status, undefined, STATUS_MAX));
  if (message.mention) elements.push(...mentionElements(options.mention ?? { type: 'here' }));
  return rich(section(elements));
}

function mentionElements(mention: NonNullable<SlackOptions['mention']>): RichTextElement[] {
  switch (mention.type) {
    case 'none':
      return [];
    case 'here':
    case 'channel':
      return [BREAK, { type: 'broadcast', range: mention.type }];
    case 'user':
      return [BREAK, { type: 'user', user_id: mention.id }];
    case 'usergroup':
      return [BREAK, { type: 'usergroup', usergroup_id: mention.id }];
  }
}

function chartBlocks(message: Message, native: boolean): SlackBlock[] {
  if (!message.chart) return [];
  if (native) {
    const block = slackChart(message.chart);
    return block ? [block] : [];
  }
  const drawn = drawColumns(message.chart, TEXT_CHART);
  if (!drawn) return [];
  const title = [...run(message.chart.title, 'bold'), ...run(` (${message.chart.unit})`)];
  return rich([...section(title), ...preformatted([...drawn.plot, drawn.legend].join('\n'))]);
}

function findingBlocks(finding: FindingView, index: number): SlackBlock[] {
  const head: RichTextElement[] = [
    ...run(`${index + 1}. ${kindWords(finding.kind)}`, 'bold'),
    ...lead(
      `${verdictWords(finding.verdict)} ${finding.role}, explains ${finding.explainsPercent} % of the refused requests`,
    ),
    BREAK,
    ...run(finding.summary),
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
  blocks.push(...rich([...section(fixes.length === 0 ? [] : run('Fixes, least invasive first')), ...list(fixes)]));
  const snippet = finding.fixes.find((fix) => fix.snippet !== undefined)?.snippet;
  if (snippet) blocks.push(...rich(preformatted(snippet.text)));
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

function notesBlocks(message: Message): SlackBlock[] {
  const items = message.notes.map((note) => [
    ...run(note.text),
    ...(note.nextStep === undefined ? [] : [own(' '), ...run('Next:', 'bold'), own(' '), ...run(note.nextStep)]),
  ]);
  return rich([...section(items.length === 0 ? [] : run('Notes', 'bold')), ...list(items)]);
}

function timelineBlocks(message: Message): SlackBlock[] {
  const items = message.timeline.map((entry) => run(`${timeWords(entry.at)} ${entry.text}`));
  return rich([...section(items.length === 0 ? [] : run('Timeline', 'bold')), ...list(items)]);
}

function linkBlocks(message: Message): SlackBlock[] {
  const elements: RichTextElement[] = [];
  for (const { label, url } of message.links) {
    const element = link(linkLabel(label, url), url);
    if (element.length > 0 && elements.length > 0) elements.push(own(' · '));
    elements.push(...element);
  }
  return rich(section(elements));
}
