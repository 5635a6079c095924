/**
 * What Teams takes from a Workflows webhook, written down independently of the renderer, and the card's own parser.
 * @see https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook
 */
import adaptiveCards from 'adaptivecards/dist/adaptivecards.js';
import { checkString, isRecord, listOf, recordsIn, stringsIn } from './check-text.ts';

/** Elements whose text is not Markdown, and containers of them. `TextBlock` and `FactSet` hold Markdown. */
const ELEMENTS = new Set(['Container', 'RichTextBlock', 'TextRun', 'Chart.Line']);
const ACTIONS = new Set(['Action.OpenUrl', 'Action.ToggleVisibility']);
/** What a bot's card can besides. */
const BOT_ACTIONS = new Set([...ACTIONS, 'Action.Execute', 'Action.ShowCard']);
const BOT_ELEMENTS = new Set([...ELEMENTS, 'AdaptiveCard', 'Input.ChoiceSet', 'Input.Text']);
type By = 'webhook' | 'bot';

/** Whom a card may call: its one `TextBlock` is then this mention and nothing else. */
type Called = { id: string; name: string };

/** What Teams would refuse, or show otherwise than meant; empty for a good message. Nobody is to be called but `called`. */
export function checkTeamsMessage(payload: unknown, by: By = 'webhook', called?: Called): string[] {
  if (!isRecord(payload) || payload['type'] !== 'message') return ['no message'];
  const problems: string[] = [];
  const bytes = Buffer.byteLength(JSON.stringify(payload));
  if (bytes > 28 * 1024) problems.push(`${bytes} bytes, over 28 KB`);
  if (bytes > 21 * 1024) problems.push(`${bytes} bytes, over the 21 KB that were seen to be shown`);
  const [attachment, ...others] = listOf(payload['attachments']);
  if (!isRecord(attachment) || others.length > 0) return [...problems, 'not exactly one attachment'];
  if (attachment['contentType'] !== 'application/vnd.microsoft.card.adaptive') problems.push('no adaptive card');
  return [...problems, ...checkMention(attachment['content'], called), ...checkCard(attachment['content'], by, called)];
}

function checkMention(card: unknown, called?: Called): string[] {
  const host = isRecord(card) ? card['msteams'] : undefined;
  const entities = isRecord(host) ? listOf(host['entities']) : [];
  const blocks = recordsIn(card).flatMap(([, record]) => (record['type'] === 'TextBlock' ? [record['text']] : []));
  const text = called && `<at>${called.name}</at>`;
  const expected = called ? [{ type: 'mention', text, mentioned: called }] : [];
  return [
    ...(JSON.stringify(entities) === JSON.stringify(expected) ? [] : [`calls ${JSON.stringify(entities)}`]),
    ...(JSON.stringify(blocks) === JSON.stringify(called ? [text] : []) ? [] : [`Markdown: ${JSON.stringify(blocks)}`]),
  ];
}

function checkCard(card: unknown, by: By, called?: Called): string[] {
  if (!isRecord(card)) return ['no card'];
  const problems: string[] = [];
  if (card['version'] !== '1.5') problems.push(`version ${String(card['version'])}`);
  if (listOf(card['body']).length === 0) problems.push('empty body');
  if (listOf(card['actions']).length > 6) problems.push('more than 6 buttons');
  for (const [path, record] of recordsIn(card)) problems.push(...checkRecord(record, path, card, by, called));
  for (const [path, text] of stringsIn(card)) {
    problems.push(...checkString(text, path));
    if (/\{\{\s*(?:DATE|TIME)/i.test(text)) problems.push(`${path}: a macro of the card`);
  }
  return [...problems, ...parserProblems(card)];
}

function checkRecord(
  record: Record<string, unknown>,
  path: string,
  card: Record<string, unknown>,
  by: By,
  called?: Called,
): string[] {
  const type = record['type'];
  if (typeof type !== 'string' || record === card) return [];
  if (called && (type === 'TextBlock' || type === 'mention')) return [];
  if (type.startsWith('Action.')) return checkAction(record, type, path, card, by);
  if (!(by === 'bot' ? BOT_ELEMENTS : ELEMENTS).has(type)) return [`${path}: element ${type}`];
  if (type === 'TextRun' && (typeof record['text'] !== 'string' || record['text'] === ''))
    return [`${path}: empty run`];
  if (type === 'RichTextBlock' && listOf(record['inlines']).length === 0) return [`${path}: empty block`];
  if (type === 'Chart.Line' && !isRecord(record['fallback'])) return [`${path}: a chart without fallback`];
  return [];
}

function checkAction(
  action: Record<string, unknown>,
  type: string,
  path: string,
  card: Record<string, unknown>,
  by: By,
): string[] {
  if (!(by === 'bot' ? BOT_ACTIONS : ACTIONS).has(type)) return [`${path}: a ${by}'s card cannot ${type}`];
  if (typeof action['title'] !== 'string' || action['title'] === '') return [`${path}: no title`];
  if (type === 'Action.Execute') return /^headroom:[a-z-]+$/.test(String(action['verb'])) ? [] : [`${path}: no verb`];
  if (type === 'Action.ShowCard') return isRecord(action['card']) ? [] : [`${path}: shows no card`];
  if (type === 'Action.OpenUrl')
    return /^https?:\/\/\S+$/.test(String(action['url'])) ? [] : [`${path}: no http(s) link`];
  const ids = new Set(recordsIn(card).map(([, record]) => record['id']));
  return listOf(action['targetElements']).every((id) => ids.has(id)) ? [] : [`${path}: toggles nothing`];
}

/** Events of the `adaptivecards` parser; it does not know the chart element, whose fallback is checked above. */
function parserProblems(card: unknown): string[] {
  const context = new adaptiveCards.SerializationContext();
  new adaptiveCards.AdaptiveCard().parse(card, context);
  return Array.from({ length: context.eventCount }, (_, index) => context.getEventAt(index).message).filter(
    (message) => message !== 'Unknown element type "Chart.Line". Fallback will be used if present.',
  );
}
