import type { Cell, Reading, Row, Time, Window } from '../../model.ts';
import type { LogsAnswer } from './log-analytics-client.ts';
import type { LogsPart, LogsStatement } from './log-analytics-ways.ts';

/** Of which store, and when it was read. */
type Place = { store: string; readAt: Time };

export function headOf({ kind, window = 'incident' }: { kind: string; window?: Window }, { store, readAt }: Place) {
  return { kind, store, window, readAt };
}

/** What one answer says of each statement that it is for. */
export function readingsOf(
  { statements, packed }: LogsPart,
  { table, cut }: LogsAnswer,
  { nextStep, ...place }: Place & { nextStep: string },
): Reading[] {
  const rows = table === null ? [] : packed ? unpack(table) : flat(table, statements[0]);
  return statements.map((statement): Reading => {
    const head = headOf(statement, place);
    if (table === null) return { ...head, state: 'unavailable', why: 'not-configured', nextStep };
    const own = rows.filter(({ kind, window }) => kind === statement.kind && window === statement.window);
    if (cut !== undefined && own.length === 0)
      return {
        ...head,
        state: 'unavailable',
        why: 'over-budget',
        nextStep: `Log Analytics cut its answer short (${cut}): it is asked again with the next run`,
      };
    return {
      ...head,
      state: 'read',
      rows: own.map(({ row }) => row),
      truncated: cut !== undefined,
      completeness: null,
    };
  });
}

type Labelled = LogsStatement & { row: Row };

const WINDOWS: Readonly<Record<Window, true>> = {
  incident: true,
  'hour-before': true,
  'day-before': true,
  'week-before': true,
};

function isWindow(value: unknown): value is Window {
  return typeof value === 'string' && Object.hasOwn(WINDOWS, value);
}

/** Rows `{ kind, window, row }`, the last one packed; what is none of these is left out. */
function unpack({ columns, rows }: NonNullable<LogsAnswer['table']>): Labelled[] {
  const [kindAt, windowAt, rowAt] = ['kind', 'window', 'row'].map((name) => columns.indexOf(name));
  return rows.flatMap((cells) => {
    const [kind, window, packed] = [cells[kindAt ?? -1], cells[windowAt ?? -1], cells[rowAt ?? -1]];
    if (typeof kind !== 'string' || !isWindow(window) || typeof packed !== 'object' || packed === null) return [];
    return [
      { kind, window, row: Object.fromEntries(Object.entries(packed).map(([name, cell]) => [name, cellOf(cell)])) },
    ];
  });
}

function flat({ columns, rows }: NonNullable<LogsAnswer['table']>, statement: LogsStatement | undefined): Labelled[] {
  if (statement === undefined) return [];
  return rows.map((cells) => ({
    ...statement,
    row: Object.fromEntries(columns.map((name, i) => [name, cellOf(cells[i])])),
  }));
}

/** The kind's own schema says what a cell must be; here it only becomes what a row can hold. */
function cellOf(value: unknown): Cell {
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (Array.isArray(value) && value.every((each): each is number => typeof each === 'number')) return value;
  return null;
}
