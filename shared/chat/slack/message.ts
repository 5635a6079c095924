import type { RichTextElement } from '@slack/types';
import type { Mention, Message } from '../../model.ts';
import { keepWithin, type Part } from '../budget.ts';
import { iconOf, linkLabel } from '../icons.ts';
import { timeWords } from '../words.ts';
import {
  buttons,
  context,
  fieldList,
  fieldSections,
  fits,
  header,
  link,
  list,
  own,
  rich,
  run,
  type SlackBlock,
  type SlackPayload,
  section,
} from './blocks.ts';
import { notification } from './escape.ts';
import { slackMention } from './mention.ts';
import { BREAK, chartBlocks, findingBlocks, notesBlocks, titled } from './sections.ts';

export type SlackOptions = {
  /** Draw with Slack's own chart block (default); otherwise as text. */
  nativeChart?: boolean;
  /** Whom a mention calls; default `@here`. */
  mention?: Mention | undefined;
};

const LEAD_MAX = 240;
const STATUS_MAX = 300;

/**
 * A message as a Block Kit payload for `chat.postMessage`, `chat.update` and incoming webhooks, within every limit of
 * `limits.ts` whatever the message holds. What does not fit is dropped: timeline first, lead, buttons and status never.
 */
export function renderSlack(message: Message, options: SlackOptions = {}): SlackPayload {
  const parts: Part<SlackBlock>[] = [
    { rank: 1, items: [header(`${iconOf(message)} ${message.title}`), ...leadBlocks(message, options)] },
    { rank: 3, items: chartBlocks(message.chart, options.nativeChart ?? true) },
    ...message.findings.map((finding, index) => ({
      rank: index === 0 ? 2 : 6,
      items: findingBlocks(finding, index, message.belowTitle[0]),
    })),
    ...(message.groups ?? []).map(({ title, fields }, index) => ({
      rank: index === 0 ? 3 : 5,
      items: titled(title, fieldList(fields)),
      heads: 1,
    })),
    { rank: 5, items: titled('Impact', fieldList(message.impact ?? [])), heads: 1 },
    { rank: 4, items: notesBlocks(message.notes) },
    { rank: 5, items: fieldSections(message.facts) },
    { rank: 7, items: timelineBlocks(message) },
    { rank: 4, items: linkBlocks(message) },
    { rank: 1, items: buttons(message.actions) },
  ];
  const footer = (shortened: boolean) =>
    context([`incident ${message.incidentId}${shortened ? ' · shortened to fit' : ''}`]);
  const { kept, shortened } = keepWithin(parts, (blocks) => fits([...blocks, footer(true)]));
  return {
    text: notification([message.title, ...message.belowTitle.slice(0, 3)]),
    blocks: [...kept, footer(shortened)],
    mrkdwn: false,
    unfurl_links: false,
    unfurl_media: false,
  };
}

function leadBlocks(message: Message, options: SlackOptions): SlackBlock[] {
  const elements: RichTextElement[] = [];
  for (const [index, text] of message.belowTitle.slice(0, 3).entries()) {
    if (index > 0) elements.push(BREAK);
    elements.push(...run(text, index === 0 ? 'bold' : undefined, LEAD_MAX));
  }
  elements.push(BREAK, ...run(message.status, undefined, STATUS_MAX));
  const called = message.mention ? slackMention(options.mention) : [];
  if (called.length > 0) elements.push(BREAK, ...called);
  return rich(section(elements));
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
