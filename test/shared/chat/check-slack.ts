/**
 * Block Kit's limits, written down a second time from Slack's documentation, independently of the renderer.
 * @see https://docs.slack.dev/reference/block-kit/blocks and …/blocks/data-visualization-block
 */
import { checkString, isRecord, listOf, recordsIn, stringsIn } from './check-text.ts';

type Problems = string[];
type Json = Record<string, unknown>;

const KEYS: Record<string, readonly string[]> = {
  header: ['type', 'text'],
  section: ['type', 'text', 'fields'],
  context: ['type', 'elements'],
  actions: ['type', 'block_id', 'elements'],
  rich_text: ['type', 'elements'],
  data_visualization: ['type', 'title', 'chart'],
};

/** What Slack would refuse, or show otherwise than meant; empty for a good payload. */
export function checkSlackPayload(payload: unknown): Problems {
  if (!isRecord(payload)) return ['the payload is no object'];
  const problems: Problems = [];
  const text = payload['text'];
  if (typeof text !== 'string' || text.trim() === '') problems.push('text: empty');
  else {
    if (text.length > 40_000) problems.push('text: over 40,000');
    if (/[<>]|&(?!amp;|lt;|gt;)/.test(text)) problems.push(`text: not escaped: ${text.slice(0, 80)}`);
  }
  if (payload['mrkdwn'] !== false) problems.push('mrkdwn: the notification text would be formatted');
  const blocks = listOf(payload['blocks']);
  if (blocks.length < 1 || blocks.length > 50) problems.push(`blocks: ${blocks.length} of 1..50`);
  if (JSON.stringify(blocks).length > 13_200)
    problems.push(`blocks: ${JSON.stringify(blocks).length} characters, over 13,200`);
  for (const [index, block] of blocks.entries()) problems.push(...checkBlock(block, `blocks[${index}]`));
  const charts = blocks.filter((block) => isRecord(block) && block['type'] === 'data_visualization');
  if (charts.length > 2) problems.push(`${charts.length} charts, over 2`);
  problems.push(
    ...repeated(
      blocks.flatMap((block) => (isRecord(block) && 'block_id' in block ? [block['block_id']] : [])),
      'block_id',
    ),
  );
  for (const [path, record] of recordsIn(payload))
    if (record['type'] === 'mrkdwn') problems.push(`${path}: a mrkdwn object`);
  for (const [path, value] of stringsIn(payload)) problems.push(...checkString(value, path));
  return problems;
}

function checkBlock(block: unknown, where: string): Problems {
  if (!isRecord(block) || typeof block['type'] !== 'string') return [`${where}: no block`];
  const keys = KEYS[block['type']];
  if (!keys) return [`${where}: unknown block ${block['type']}`];
  const problems = Object.keys(block)
    .filter((key) => !keys.includes(key))
    .map((key) => `${where}: unknown key ${key}`);
  switch (block['type']) {
    case 'header':
      return [...problems, ...plain(block['text'], `${where}.text`, 150)];
    case 'section':
      return [...problems, ...section(block, where)];
    case 'context':
      return [
        ...problems,
        ...counted(block['elements'], `${where}.elements`, 1, 10, (one, at) => plain(one, at, 2000)),
      ];
    case 'actions':
      return [...problems, ...actions(block, where)];
    case 'rich_text':
      return [...problems, ...counted(block['elements'], `${where}.elements`, 1, 100, richPart)];
    default:
      return [...problems, ...chart(block, where)];
  }
}

/** Slack may count `&`, `<` and `>` as the entities that it stores. */
function longest(text: string): number {
  return text.replace(/&/g, '&amp;').replace(/[<>]/g, '&lt;').length;
}

function plain(value: unknown, where: string, max: number): Problems {
  if (!isRecord(value) || value['type'] !== 'plain_text') return [`${where}: no plain_text`];
  const text = value['text'];
  if (typeof text !== 'string' || text.trim() === '') return [`${where}: empty text`];
  const problems: Problems = [];
  if (longest(text) > max) problems.push(`${where}: ${longest(text)} characters, over ${max}`);
  if (value['emoji'] !== false) problems.push(`${where}: colons would become emoji`);
  return problems;
}

function section(block: Json, where: string): Problems {
  if (block['text'] === undefined && block['fields'] === undefined) return [`${where}: neither text nor fields`];
  const text = block['text'] === undefined ? [] : plain(block['text'], `${where}.text`, 3000);
  if (block['fields'] === undefined) return text;
  return [...text, ...counted(block['fields'], `${where}.fields`, 1, 10, (one, at) => plain(one, at, 2000))];
}

function actions(block: Json, where: string): Problems {
  const ids = listOf(block['elements']).flatMap((one) => (isRecord(one) ? [one['action_id']] : []));
  return [
    ...short(block['block_id'], `${where}.block_id`, 255),
    ...repeated(ids, `${where}: action_id`),
    ...counted(block['elements'], `${where}.elements`, 1, 25, (one, at) => {
      if (!isRecord(one) || one['type'] !== 'button') return [`${at}: no button`];
      const style = one['style'];
      return [
        ...plain(one['text'], `${at}.text`, 75),
        ...short(one['action_id'], `${at}.action_id`, 255),
        ...short(one['value'], `${at}.value`, 2000),
        ...(style === undefined || style === 'primary' || style === 'danger' ? [] : [`${at}: style ${String(style)}`]),
      ];
    }),
  ];
}

function richPart(part: unknown, where: string): Problems {
  if (!isRecord(part)) return [`${where}: no rich text`];
  switch (part['type']) {
    case 'rich_text_section':
      return counted(part['elements'], `${where}.elements`, 1, 200, richElement);
    case 'rich_text_preformatted':
      return counted(part['elements'], `${where}.elements`, 1, 200, richElement);
    case 'rich_text_list':
      return [
        ...(part['style'] === 'bullet' || part['style'] === 'ordered' ? [] : [`${where}: style`]),
        ...counted(part['elements'], `${where}.elements`, 1, 100, (item, at) =>
          isRecord(item) && item['type'] === 'rich_text_section'
            ? richPart(item, at)
            : [`${at}: a list holds sections`],
        ),
      ];
    default:
      return [`${where}: unknown rich text ${String(part['type'])}`];
  }
}

function richElement(element: unknown, where: string): Problems {
  if (!isRecord(element)) return [`${where}: no element`];
  switch (element['type']) {
    case 'text':
      return typeof element['text'] === 'string' && element['text'] !== '' ? [] : [`${where}: empty text`];
    case 'link':
      return [
        ...short(element['url'], `${where}.url`, 3000),
        ...(/^https?:\/\//.test(String(element['url'])) ? [] : [`${where}: no http(s) link`]),
        ...(element['text'] === '' ? [`${where}: empty link text`] : []),
      ];
    case 'broadcast':
      return ['here', 'channel'].includes(String(element['range'])) ? [] : [`${where}: range`];
    case 'user':
      return short(element['user_id'], `${where}.user_id`, 30);
    case 'usergroup':
      return short(element['usergroup_id'], `${where}.usergroup_id`, 30);
    default:
      return [`${where}: unknown element ${String(element['type'])}`];
  }
}

function chart(block: Json, where: string): Problems {
  const body = block['chart'];
  if (!isRecord(body) || body['type'] !== 'line') return [`${where}: no line chart`];
  const axis = isRecord(body['axis_config']) ? body['axis_config'] : {};
  const categories = listOf(axis['categories']);
  const names = listOf(body['series']).map((one) => (isRecord(one) ? one['name'] : undefined));
  return [
    ...short(block['title'], `${where}.title`, 50),
    ...short(axis['x_label'], `${where}.x_label`, 50),
    ...short(axis['y_label'], `${where}.y_label`, 50),
    ...counted(categories, `${where}.categories`, 1, 20, (label, at) => short(label, at, 20)),
    ...repeated(categories, `${where}: category`),
    ...repeated(names, `${where}: series`),
    ...counted(body['series'], `${where}.series`, 1, 6, (one, at) => {
      if (!isRecord(one)) return [`${at}: no series`];
      const labels = listOf(one['data']).map((point) => (isRecord(point) ? point['label'] : undefined));
      return [
        ...short(one['name'], `${at}.name`, 20),
        ...(JSON.stringify(labels) === JSON.stringify(categories) ? [] : [`${at}: labels are not the categories`]),
        ...listOf(one['data']).flatMap((point) =>
          isRecord(point) && Number.isFinite(point['value']) ? [] : [`${at}: a point without a number`],
        ),
      ];
    }),
  ];
}

function short(value: unknown, where: string, max: number): Problems {
  if (typeof value !== 'string' || value === '') return [`${where}: missing`];
  return longest(value) > max ? [`${where}: ${longest(value)} characters, over ${max}`] : [];
}

function counted(
  value: unknown,
  where: string,
  min: number,
  max: number,
  each: (one: unknown, at: string) => Problems,
): Problems {
  const items = listOf(value);
  const count = items.length < min || items.length > max ? [`${where}: ${items.length} of ${min}..${max}`] : [];
  return [...count, ...items.flatMap((one, index) => each(one, `${where}[${index}]`))];
}

function repeated(values: readonly unknown[], what: string): Problems {
  return new Set(values).size === values.length ? [] : [`${what} repeated`];
}
