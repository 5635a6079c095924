import { fromGiven, toJson } from './convert.ts';
import { type Binding, type Environment, readOnce } from './environment.ts';
import { KqlError, SYNTAX } from './error.ts';
import { type Analysis, analyze, parse, type TableSchema } from './language.ts';
import { run, withStatements } from './pipeline.ts';
import { child, items } from './syntax.ts';
import { parseDatetime } from './time.ts';
import { type Column, type Row, shuffled, type Table, typeNamed } from './values.ts';

/** A table of a workspace, ready to be asked. */
export type Stored = { name: string; table: Table };

/** What an answer carries: times as ISO 8601, dynamic values as JSON text, long as a number. */
export type Answer = { columns: readonly Column[]; rows: readonly (readonly unknown[])[] };

/** Both ends as ISO 8601; `to` is exclusive. */
export type Timespan = { from: string; to: string };

/** Rows as objects of JSON, once each: a table is asked many times as it fills. */
const kept = new WeakMap<object, { columns: readonly Column[]; row: Row }>();

/** Keeps rows, given as objects of JSON by column name, as a table of this schema; a column that it lacks is an error. */
export function store(schema: TableSchema, rows: readonly Readonly<Record<string, unknown>>[]): Stored {
  const { name, columns } = schema;
  const known = new Set(columns.map((column) => column.name));
  const stored = rows.map((given): Row => {
    const before = kept.get(given);
    if (before?.columns === columns) return before.row;
    for (const column of Object.keys(given))
      if (!known.has(column)) throw new KqlError(`${name} has no column ${column}`);
    const row = columns.map((column) => fromGiven(given[column.name], column.type));
    kept.set(given, { columns, row });
    return row;
  });
  return { name, table: { columns, rows: shuffled(stored), serialized: false } };
}

/** What a server of the query interface runs: the same over tables as rows of JSON, with types by name. */
export function executeOver(
  text: string,
  tables: readonly {
    name: string;
    columns: readonly { name: string; type: string }[];
    rows: readonly Readonly<Record<string, unknown>>[];
  }[],
  timespan: Timespan | undefined,
): Answer {
  const stored = tables.map(({ name, columns, rows }) => store({ name, columns: typed(columns) }, rows));
  return execute(text, stored, timespan);
}

const typedColumns = new WeakMap<object, readonly Column[]>();

function typed(columns: readonly { name: string; type: string }[]): readonly Column[] {
  const known = typedColumns.get(columns);
  if (known !== undefined) return known;
  const found = columns.map(({ name, type }) => ({ name, type: typeNamed(type) }));
  typedColumns.set(columns, found);
  return found;
}

/**
 * Runs a query over these tables. A text that is no query, or of wrong syntax, and whatever this interpreter does not know
 * are errors.
 *
 * @param timespan narrows each table by its `TimeGenerated`, as the query interface does beside what the text says
 */
export function execute(text: string, tables: readonly Stored[], timespan?: Timespan): Answer {
  return answer(evaluate(parsed(text), tables, timespan));
}

/**
 * The same after the language service has looked at the text with the tables' schemas, which takes far longer: what it finds
 * fault with is an error, and so is a result with other columns than it expects.
 */
export function executeChecked(text: string, tables: readonly Stored[]): Answer {
  const analysis = analyze(
    text,
    tables.map(({ name, table }) => ({ name, columns: table.columns })),
  );
  const result = evaluate(analysis, tables);
  checkColumns(result.columns, analysis.columns);
  return answer(result);
}

const PARSED_MAX = 16;
const parsedTexts = new Map<string, Analysis>();

function parsed(text: string): Analysis {
  const known = parsedTexts.get(text);
  if (known !== undefined) return known;
  const analysis = parse(text);
  if (parsedTexts.size >= PARSED_MAX) parsedTexts.clear();
  parsedTexts.set(text, analysis);
  return analysis;
}

function answer({ columns, rows }: Table): Answer {
  return { columns, rows: rows.map((row) => row.map((value, at) => toJson(value, columns[at]?.type ?? 'dynamic'))) };
}

function evaluate(analysis: Analysis, tables: readonly Stored[], timespan?: Timespan): Table {
  if (analysis.kind !== 'Query') throw new KqlError(`a ${analysis.kind} is no query`);
  const [problem] = analysis.problems;
  if (problem !== undefined) throw new KqlError(`${problem.code}: ${problem.message} (at ${problem.start})`, SYNTAX);
  const asked = new Map<string, Binding>(
    tables.map(({ name, table }) => [name, { kind: 'table', read: readOnce(() => within(table, timespan)) }]),
  );
  const workspace: Environment = { lookUp: (name) => asked.get(name), tableNames: () => [...asked.keys()], run };
  const statements = items(analysis.tree, 'Statements');
  const last = statements.at(-1);
  if (last?.kind !== 'ExpressionStatement') throw new KqlError('a query without a result');
  const environment = withStatements(statements.slice(0, -1), workspace);
  return run(child(last, 'Expression'), environment);
}

function within(table: Table, timespan: Timespan | undefined): Table {
  const place = table.columns.findIndex(({ name }) => name === 'TimeGenerated');
  if (timespan === undefined || place < 0) return table;
  const [from, to] = [parseDatetime(timespan.from), parseDatetime(timespan.to)];
  if (from === null || to === null) throw new KqlError('a timespan that is no time');
  const rows = table.rows.filter((row) => Number(row[place]) >= from && Number(row[place]) < to);
  return { ...table, rows };
}

/** What comes out must be what the language service says: an operator that names or types otherwise is a fault here. */
function checkColumns(columns: readonly Column[], expected: readonly Column[]): void {
  const [ours, theirs] = [columns, expected].map((each) => each.map(({ name, type }) => `${name}: ${type}`).join(', '));
  if (expected.length > 0 && ours !== theirs)
    throw new KqlError(`the interpreter gives (${ours}) where the language service expects (${theirs})`);
}
