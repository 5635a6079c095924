/**
 * Builders of the Block Kit elements in use. Text from outside stands only in `plain_text` objects and rich-text `text`
 * elements, which Slack shows as they are; there is no `mrkdwn` object, so nothing has to be escaped and nothing can
 * mention, link or format.
 */
import type {
  ActionsBlock,
  ContextBlock,
  HeaderBlock,
  PlainTextElement,
  RichTextBlock,
  RichTextElement,
  RichTextLink,
  RichTextList,
  RichTextPreformatted,
  RichTextSection,
  RichTextText,
  SectionBlock,
} from '@slack/types';
import type { Field } from '../../model.ts';
import { cleanBlock, safeUrl } from '../plain.ts';
import type { DataVisualizationBlock } from './chart.ts';
import { bounded } from './escape.ts';
import { SLACK_LIMITS } from './limits.ts';

export type SlackBlock =
  | ActionsBlock
  | ContextBlock
  | DataVisualizationBlock
  | HeaderBlock
  | RichTextBlock
  | SectionBlock;

export type SlackPayload = {
  /** Shown in notifications and read by screen readers. */
  text: string;
  blocks: SlackBlock[];
  mrkdwn: false;
  unfurl_links: false;
  unfurl_media: false;
};

/** Slack refuses empty text; a dash stands for it. */
function plainText(text: string, max: number): PlainTextElement {
  return { type: 'plain_text', text: bounded(text, max) || '-', emoji: false };
}

export function header(text: string): HeaderBlock {
  return { type: 'header', text: plainText(text, SLACK_LIMITS.headerText) };
}

/** Label above value, two columns, at most ten a section. */
export function fieldSections(fields: readonly Field[]): SectionBlock[] {
  const sections: SectionBlock[] = [];
  for (let index = 0; index < fields.length; index += SLACK_LIMITS.fields) {
    const some = fields.slice(index, index + SLACK_LIMITS.fields);
    sections.push({ type: 'section', fields: some.map(fieldText) });
  }
  return sections;
}

/** Label and value in one line each, the label in bold, which the fields of a section cannot have without being parsed. */
export function fieldList(fields: readonly Field[]): RichTextBlock[] {
  return rich(
    list(
      fields.map(({ label, value }) => [
        ...run(label, 'bold', 80),
        own(': '),
        ...run(value, undefined, FIELD_VALUE_MAX),
      ]),
    ),
  );
}

const FIELD_VALUE_MAX = 300;

function fieldText(field: Field): PlainTextElement {
  const label = bounded(field.label, 80) || '-';
  const value = bounded(field.value, FIELD_VALUE_MAX) || '-';
  return { type: 'plain_text', text: `${label}\n${value}`, emoji: false };
}

export function context(texts: readonly string[]): ContextBlock {
  return {
    type: 'context',
    elements: texts.slice(0, SLACK_LIMITS.contextElements).map((text) => plainText(text, 300)),
  };
}

/** A run of text; none for an empty one, which Slack refuses. */
export function run(text: string, style?: 'bold' | 'code', max: number = SLACK_LIMITS.richTextRun): RichTextText[] {
  const line = bounded(text, max);
  if (line === '') return [];
  return [style === undefined ? { type: 'text', text: line } : { type: 'text', text: line, style: { [style]: true } }];
}

/** Text of ours that may hold line breaks. */
export function own(text: string): RichTextText {
  return { type: 'text', text };
}

export function link(label: string, url: string): RichTextLink[] {
  const safe = safeUrl(url);
  if (safe === null || safe.length > SLACK_LIMITS.url) return [];
  return [{ type: 'link', url: safe, text: bounded(label, 100) || 'link' }];
}

export function section(elements: RichTextElement[]): RichTextSection[] {
  return elements.length === 0 ? [] : [{ type: 'rich_text_section', elements }];
}

export function list(items: RichTextElement[][]): RichTextList[] {
  const elements = items.flatMap((item) => section(item));
  return elements.length === 0 ? [] : [{ type: 'rich_text_list', style: 'bullet', elements }];
}

export function preformatted(text: string): RichTextPreformatted[] {
  const block = cleanBlock(text, 40, 240);
  return block.trim() === '' ? [] : [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text: block }] }];
}

type RichPart = RichTextList | RichTextPreformatted | RichTextSection;

export function rich(parts: RichPart[]): RichTextBlock[] {
  return parts.length === 0 ? [] : [{ type: 'rich_text', elements: parts }];
}

const BUTTONS_MAX = 5;
const BUTTON_TEXT_MAX = 200;

/** Ids of ours are short and plain: a button with another is left out, as a cut one would mean something else. */
function isButtonText(text: string): boolean {
  return text !== '' && text === bounded(text, BUTTON_TEXT_MAX);
}

export function buttons(
  actions: readonly { id: string; label: string; style?: 'primary' | 'danger'; value: string }[],
): ActionsBlock[] {
  // Slack's own rule: one primary button, the first.
  const primary = actions.findIndex(({ style }) => style === 'primary');
  const elements = actions
    .map(({ style, ...action }, index) =>
      style === undefined || (style === 'primary' && index !== primary) ? action : { ...action, style },
    )
    .filter(({ id, value }) => isButtonText(value) && isButtonText(id))
    .slice(0, BUTTONS_MAX)
    .map((action) => ({
      type: 'button' as const,
      action_id: `headroom:${action.id}`,
      text: plainText(action.label, SLACK_LIMITS.buttonText),
      value: action.value,
      ...('style' in action ? { style: action.style } : {}),
    }));
  return elements.length === 0 ? [] : [{ type: 'actions', block_id: 'headroom:actions', elements }];
}

/** Whether so many blocks of this size are taken as one message. */
export function fits(blocks: readonly SlackBlock[]): boolean {
  return blocks.length <= SLACK_LIMITS.blocks && JSON.stringify(blocks).length <= SLACK_LIMITS.blocksJson;
}
