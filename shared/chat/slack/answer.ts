import type { Answer } from '../../model.ts';
import { keepWithin, type Part } from '../budget.ts';
import { noteText } from '../text/answer.ts';
import { alignTable } from '../text/table.ts';
import {
  fits,
  header,
  list,
  own,
  preformatted,
  rich,
  run,
  type SlackBlock,
  type SlackPayload,
  section,
} from './blocks.ts';
import { notification } from './escape.ts';

const TABLE_COLUMNS = 72;
const LINES_A_BLOCK = 10;
const ROWS_A_BLOCK = 20;

/** A command's answer as Block Kit, within every limit of `limits.ts`; what does not fit is dropped from the end. */
export function renderSlackAnswer(answer: Answer): SlackPayload {
  const table = answer.table ? alignTable(answer.table, TABLE_COLUMNS) : [];
  const parts: Part<SlackBlock>[] = [
    { rank: 1, items: [header(answer.title)] },
    { rank: 2, items: chunks(answer.lines, LINES_A_BLOCK).flatMap(lineBlock) },
    { rank: 3, items: chunks(table, ROWS_A_BLOCK).flatMap((rows) => rich(preformatted(rows.join('\n')))) },
    { rank: 2, items: rich(list(answer.notes.map((note) => run(noteText(note))))) },
  ];
  const { kept } = keepWithin(parts, (blocks) => fits(blocks));
  return {
    text: notification([answer.title, ...answer.lines.slice(0, 3)]),
    blocks: kept,
    mrkdwn: false,
    unfurl_links: false,
    unfurl_media: false,
  };
}

function lineBlock(lines: readonly string[]): SlackBlock[] {
  return rich(section(lines.flatMap((line, index) => [...(index === 0 ? [] : [own('\n')]), ...run(line)])));
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  const groups: T[][] = [];
  for (let index = 0; index < items.length; index += size) groups.push(items.slice(index, index + size));
  return groups;
}
