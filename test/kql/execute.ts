import { fromGiven, toJson } from './convert.ts';
import type { Binding, Environment } from './environment.ts';
import { KqlError } from './error.ts';
import { analyze, type TableSchema } from './language.ts';
import { run, withStatements } from './pipeline.ts';
import { child, items } from './syntax.ts';
import { parseDatetime } from './time.ts';
import { type Column, type Row, shuffled, type Table } from './values.ts';

/** A table of a workspace, ready to be asked. */
export type Stored = { name: string; table: Table };

/** What an answer carries: times as ISO 8601, dynamic values as JSON text, long as a number. */
export type Answer = { columns: readonly Column[]; rows: readonly (readonly unknown[])[] };

/** Both ends as ISO 8601; `to` is exclusive. */
export type Timespan = { from: string; to: string };

/** Keeps rows, given as objects of JSON by column name, as a table of this schema; columns it lacks are an error. */
export function store(schema: TableSchema, rows: readonly Readonly<Record<string, unknown>>[]): Stored {
  const known = new Set(schema.columns.map(({ name }) => name));
  const stored = rows.map((row): Row => {
    for (const name of Object.keys(row))
      if (!known.has(name)) throw new KqlError(`${schema.name} has no column ${name}`);
    return schema.columns.map(({ name, type }) => fromGiven(row[name], type));
  });
  return { name: schema.name, table: { columns: schema.columns, rows: shuffled(stored), serialized: false } };
}

/**
 * Runs a query over these tables. A text that the language service finds fault with, a statement that is no query, and
 * whatever this interpreter does not know are errors.
 *
 * @param timespan narrows each table by its `TimeGenerated`, as the query interface does beside what the text says
 */
export function execute(text: string, tables: readonly Stored[], timespan?: Timespan): Answer {
  const { columns, rows } = evaluate(text, tables, timespan);
  return { columns, rows: rows.map((row) => row.map((value, at) => toJson(value, columns[at]?.type ?? 'dynamic'))) };
}

/** The same with values as the interpreter holds them. */
export function evaluate(text: string, tables: readonly Stored[], timespan?: Timespan): Table {
  const analysis = analyze(
    text,
    tables.map(({ name, table }) => ({ name, columns: table.columns })),
  );
  if (analysis.kind !== 'Query') throw new KqlError(`a ${analysis.kind} is no query`);
  const [problem] = analysis.problems;
  if (problem !== undefined) throw new KqlError(`${problem.code}: ${problem.message} (at ${problem.start})`);

  const asked = new Map<string, Binding>(
    tables.map(({ name, table }) => [name, { kind: 'table', read: () => within(table, timespan) }]),
  );
  const workspace: Environment = { lookUp: (name) => asked.get(name), tableNames: () => [...asked.keys()], run };
  const statements = items(analysis.tree, 'Statements');
  const last = statements.at(-1);
  if (last?.kind !== 'ExpressionStatement') throw new KqlError('a query without a result');
  const environment = withStatements(statements.slice(0, -1), workspace);
  const result = run(child(last, 'Expression'), environment);
  checkColumns(result.columns, analysis.columns);
  return result;
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
