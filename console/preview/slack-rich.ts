import { anchor, escapeHtml, escapeLines, isRecord, type Json, problem, recordsOf, textOf } from './html.ts';
import { mention } from './slack-text.ts';

/** A `rich_text` block: text in it is shown as it is, only its elements mention, link and format. */
export function showRichText(block: Json): string {
  return recordsOf(block['elements']).map(showPart).join('');
}

function showPart(part: Json): string {
  const inside = (): string => recordsOf(part['elements']).map(showElement).join('');
  switch (part['type']) {
    case 'rich_text_section':
      return `<div class="rich">${inside()}</div>`;
    case 'rich_text_preformatted':
      return `<pre>${inside().replaceAll('<br>', '\n')}</pre>`;
    case 'rich_text_quote':
      return `<blockquote>${inside()}</blockquote>`;
    case 'rich_text_list': {
      const tag = part['style'] === 'ordered' ? 'ol' : 'ul';
      return `<${tag}>${recordsOf(part['elements'])
        .map((item) => `<li>${showPart(item)}</li>`)
        .join('')}</${tag}>`;
    }
    default:
      return problem(`rich text part ${String(part['type'])}`);
  }
}

const STYLES: readonly [string, string][] = [
  ['code', 'code'],
  ['bold', 'b'],
  ['italic', 'i'],
  ['strike', 's'],
];

function showElement(element: Json): string {
  switch (element['type']) {
    case 'text':
      return styled(escapeLines(textOf(element['text'])), element['style']);
    case 'link':
      return styled(
        anchor(textOf(element['url']), escapeHtml(textOf(element['text']) || textOf(element['url']))),
        element['style'],
      );
    case 'broadcast':
      return mention(`@${escapeHtml(textOf(element['range']))}`);
    case 'user':
      return mention(`@${escapeHtml(textOf(element['user_id']))}`);
    case 'usergroup':
      return mention(`@${escapeHtml(textOf(element['usergroup_id']))}`);
    case 'emoji':
      return `<span class="emoji">:${escapeHtml(textOf(element['name']))}:</span>`;
    default:
      return problem(`rich text element ${String(element['type'])}`);
  }
}

function styled(html: string, style: unknown): string {
  return STYLES.reduce(
    (inner, [name, tag]) => (isRecord(style) && style[name] === true ? `<${tag}>${inner}</${tag}>` : inner),
    html,
  );
}
