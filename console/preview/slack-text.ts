import { anchor, escapeHtml, escapeLines, type Json, problem, textOf } from './html.ts';

/** A text object (`plain_text` as it is, `mrkdwn` parsed) as Slack shows it. */
export function showText(object: Json): string {
  const text = textOf(object['text']);
  switch (object['type']) {
    case 'plain_text':
      return object['emoji'] === false ? escapeLines(text) : escapeLines(text).replace(EMOJI, EMOJI_SHOWN);
    case 'mrkdwn':
      return showMrkdwn(text);
    default:
      return problem(`text of type ${String(object['type'])}`);
  }
}

const EMOJI = /:([a-z0-9_+-]{1,50}):/g;
const EMOJI_SHOWN = '<span class="emoji" title="$1">:$1:</span>';
const CODE = /```([\s\S]+?)```|`([^`\n]+)`/g;
const CONTROL = /<([^<>\n]+)>/g;
const BARE_URL = /(?<![\w"=])https?:\/\/[^\s<>|]+/g;
/** A mark holds where a word begins and ends with it. */
const STYLES: readonly [RegExp, string][] = [
  [/(?<![\w*])\*([^*\n]+)\*(?![\w*])/g, '<b>$1</b>'],
  [/(?<![\w_])_([^_\n]+)_(?![\w_])/g, '<i>$1</i>'],
  [/(?<![\w~])~([^~\n]+)~(?![\w~])/g, '<s>$1</s>'],
];

/**
 * Text that Slack parses: entities, mentions, links, bold, italic, struck, code, quotes, emoji, bare addresses.
 *
 * @param formats false for top-level text sent with `mrkdwn: false`, of which Slack parses only what stands in `<…>`
 */
export function showMrkdwn(text: string, formats = true): string {
  const kept: string[] = [];
  // What is finished is put aside, so that nothing is parsed within it.
  const keep = (html: string): string => `\ue000${kept.push(html) - 1}\ue000`;
  const plain = (part: string): string => escapeHtml(decode(part));
  let rest = text.replaceAll('\ue000', '');
  if (formats)
    rest = rest.replace(CODE, (_all, block: string | undefined, code: string | undefined) =>
      keep(block === undefined ? `<code>${plain(code ?? '')}</code>` : `<pre>${plain(block)}</pre>`),
    );
  rest = rest.replace(CONTROL, (_all, inside: string) => keep(showControl(inside)));
  if (formats) rest = rest.replace(BARE_URL, (url) => keep(anchor(decode(url), plain(url))));
  rest = plain(rest);
  if (formats) {
    for (const [pattern, by] of STYLES) rest = rest.replace(pattern, by);
    rest = rest.replace(EMOJI, EMOJI_SHOWN).replace(/^&gt; ?(.*)$/gm, '<blockquote>$1</blockquote>');
  }
  return rest
    .replaceAll('\n', '<br>')
    .replace(/\ue000(\d+)\ue000/g, (_all, index: string) => kept[Number(index)] ?? '');
}

/** `<!here>`, `<@U…>`, `<#C…>`, `<!subteam^S…>`, `<https://…|label>`. */
function showControl(inside: string): string {
  const [target = '', label] = inside.split('|', 2);
  const shown = escapeHtml(decode(label ?? target.replace(/^(?:!subteam\^|[!@#])/, '')));
  if (target.startsWith('!') || target.startsWith('@')) return mention(`@${shown}`);
  if (target.startsWith('#')) return `<span class="channel">#${shown}</span>`;
  return anchor(decode(target), shown);
}

function decode(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

/** @param shown escaped */
export function mention(shown: string): string {
  return `<span class="mention">${shown}</span>`;
}
