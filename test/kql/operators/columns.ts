import { compile } from '../compile.ts';
import type { Environment, Scope } from '../environment.ts';
import { KqlError, UNRESOLVED } from '../error.ts';
import { type Expression, eachRow } from '../expression.ts';
import { isStar, matches, patternOf } from '../literals.ts';
import { createNames, namesGiven, ownName } from '../naming.ts';
import { child, find, items, nameOf, type SyntaxNode } from '../syntax.ts';
import type { Column, Row, Table, Value } from '../values.ts';

export type Operator = (node: SyntaxNode, table: Table, environment: Environment) => Table;

export function scopeOf(table: Table, environment: Environment): Scope {
  return { columns: table.columns, serialized: table.serialized, environment };
}

/** Rows of the values that expressions take in each row of a table. */
function rowsOf(table: Table, expressions: readonly Expression[]): Row[] {
  return eachRow(table.rows, (row, place) => expressions.map((expression) => expression.evaluate(row, place)));
}

export const where: Operator = (node, table, environment) => {
  const condition = compile(child(node, 'Condition'), scopeOf(table, environment));
  const place = { rows: table.rows, index: 0 };
  return {
    ...table,
    rows: table.rows.filter((row, index) => {
      place.index = index;
      return condition.evaluate(row, place) === true;
    }),
  };
};

/** `a = …, …`; each sees the columns as they were before. */
export const extend: Operator = (node, table, environment) => {
  const scope = scopeOf(table, environment);
  const added = items(node, 'Expressions').map((item) => {
    const [given, another] = namesGiven(item);
    if (another !== undefined) throw new KqlError('several columns of one expression are not known');
    return { name: given ?? ownName(item), given: given !== undefined, expression: compile(item, scope) };
  });
  const nameFor = createNames(table.columns.map(({ name }) => name));
  const columns = [...table.columns];
  const places = added.map(({ name, given, expression }) => {
    const at = columns.findIndex((column) => column.name === name);
    const column = { name: at >= 0 || given ? name : nameFor(name), type: expression.type };
    if (at < 0) return columns.push(column) - 1;
    columns[at] = column;
    return at;
  });
  return {
    ...table,
    columns,
    rows: eachRow(table.rows, (row, place) => {
      const extended: Value[] = [...row];
      added.forEach(({ expression }, each) => {
        extended[places[each] ?? 0] = expression.evaluate(row, place);
      });
      return extended;
    }),
  };
};

export const project: Operator = (node, table, environment) => {
  const scope = scopeOf(table, environment);
  const given = items(node, 'Expressions').map((item) => ({
    name: namesGiven(item)[0] ?? ownName(item),
    expression: compile(item, scope),
  }));
  const nameFor = createNames();
  const columns = given.map(({ name, expression }) => ({ name: nameFor(name), type: expression.type }));
  return {
    ...table,
    columns,
    rows: rowsOf(
      table,
      given.map(({ expression }) => expression),
    ),
  };
};

/** The columns at these places, in this order. */
function picked(table: Table, places: readonly number[]): Table {
  const columns = places.flatMap((place) => table.columns[place] ?? []);
  return { ...table, columns, rows: table.rows.map((row) => places.map((place) => row[place] ?? null)) };
}

function isNamed(column: Column, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => matches(pattern, column.name));
}

function keep(wanted: (column: Column, patterns: readonly string[]) => boolean): Operator {
  return (node, table) => {
    const patterns = items(node, 'Expressions').map(patternOf);
    const places = table.columns.flatMap((column, place) => (wanted(column, patterns) ? [place] : []));
    return picked(table, places);
  };
}

export const projectAway = keep((column, patterns) => !isNamed(column, patterns));
export const projectKeep = keep(isNamed);

export const projectRename: Operator = (node, table) => {
  const names = new Map(
    items(node, 'Expressions').map((item) => [nameOf(child(item, 'Expression')), namesGiven(item)[0] ?? ownName(item)]),
  );
  return { ...table, columns: table.columns.map(({ name, type }) => ({ name: names.get(name) ?? name, type })) };
};

export const projectReorder: Operator = (node, table) => {
  const patterns = items(node, 'Expressions').map(patternOf);
  const first = patterns
    .filter((pattern) => pattern !== '*')
    .flatMap((pattern) => table.columns.flatMap(({ name }, place) => (matches(pattern, name) ? [place] : [])));
  const rest = table.columns.map((_, place) => place).filter((place) => !first.includes(place));
  return picked(table, [...first, ...rest]);
};

export const serialize: Operator = (node, table, environment) => {
  const inOrder = { ...table, serialized: true };
  return find(node, 'Expressions') === undefined ? inOrder : extend(node, inOrder, environment);
};

/** Expressions of `distinct`, all columns for `*`. */
export function columnsNamed(nodes: readonly SyntaxNode[], table: Table): readonly number[] {
  return nodes.flatMap((node) => {
    if (isStar(node)) return table.columns.map((_, place) => place);
    const place = table.columns.findIndex(({ name }) => name === ownName(node));
    if (place < 0) throw new KqlError(`there is no column ${ownName(node)}`, UNRESOLVED);
    return [place];
  });
}
