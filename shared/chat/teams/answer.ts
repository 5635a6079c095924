import type { Answer } from '../../model.ts';
import { keepWithin, type Part } from '../budget.ts';
import { noteText } from '../text/answer.ts';
import { alignTable } from '../text/table.ts';
import { cardMessage, fitsTeams, monospace, own, run, type TeamsElement, type TeamsPayload, text } from './elements.ts';

const TABLE_COLUMNS = 72;
const ROWS_MAX = 40;

/** A command's answer as one Adaptive Card below 21 KB; what does not fit is dropped from the end. */
export function renderTeamsAnswer(answer: Answer): TeamsPayload {
  const table = answer.table ? alignTable(answer.table, TABLE_COLUMNS).slice(0, ROWS_MAX) : [];
  const parts: Part<TeamsElement>[] = [
    { rank: 1, items: text(run(answer.title, { size: 'Large', weight: 'Bolder' }, 200)) },
    { rank: 2, items: answer.lines.slice(0, 100).flatMap((line) => text(run(line), 'Small')) },
    { rank: 3, items: table.flatMap((row) => monospace(row, 1)) },
    { rank: 2, items: answer.notes.flatMap((note) => text(run(noteText(note), { isSubtle: true }), 'Small')) },
  ];
  const { kept } = keepWithin(parts, (body) => fitsTeams(cardMessage(answer.title, [...body], [])));
  // Teams refuses a card without a body.
  return cardMessage(answer.title, kept.length > 0 ? kept : text([own('Nothing to show.')]), []);
}
