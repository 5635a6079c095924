import { compile } from '../compile.ts';
import type { Environment, Scope } from '../environment.ts';
import { KqlError } from '../error.ts';
import { cast, constantOf, numberOf } from '../expression.ts';
import { namesGiven } from '../naming.ts';
import { child, items, nameOf, type SyntaxNode, textOf } from '../syntax.ts';
import { type Column, emptyOf, type Table, typeNamed, type Value } from '../values.ts';

/** What begins a query without a table of the workspace. */
export type Source = (node: SyntaxNode, environment: Environment) => Table;

function outside(environment: Environment): Scope {
  return { columns: [], serialized: false, environment };
}

function declaredColumns(list: readonly SyntaxNode[]): readonly Column[] {
  return list.map((column) => ({
    name: nameOf(child(column, 'Name')),
    type: typeNamed(textOf(child(column, 'Type'))),
  }));
}

export const datatable: Source = (node, environment) => {
  const columns = declaredColumns(items(child(node, 'Schema'), 'Columns'));
  const rows: Value[][] = [];
  for (const [index, cell] of items(node, 'Values').entries()) {
    const column = columns[index % columns.length];
    if (column === undefined) throw new KqlError('a datatable without columns');
    const value = constantOf(cast(compile(cell, outside(environment)), column.type), 'a cell of a datatable');
    if (index % columns.length === 0) rows.push([]);
    rows.at(-1)?.push(value ?? emptyOf(column.type));
  }
  return { columns, rows, serialized: false };
};

export const print: Source = (node, environment) => {
  const cells = items(node, 'Expressions').map((item, index) => ({
    name: namesGiven(item)[0] ?? `print_${index}`,
    expression: compile(item, outside(environment)),
  }));
  return {
    columns: cells.map(({ name, expression }) => ({ name, type: expression.type })),
    rows: [cells.map(({ expression }) => constantOf(expression, 'a value of print'))],
    serialized: false,
  };
};

export const range: Source = (node, environment) => {
  const [from, to, step] = ['From', 'To', 'Step'].map((role) => compile(child(node, role), outside(environment)));
  const [first, last, each] = [numberOf(from, 'from'), numberOf(to, 'to'), numberOf(step, 'step')];
  const type = from?.type === 'int' ? 'long' : (from?.type ?? 'long');
  const rows: Value[][] = [];
  for (let index = 0; each > 0 ? first + index * each <= last : first + index * each >= last; index++)
    rows.push([first + index * each]);
  return { columns: [{ name: nameOf(child(node, 'Name')), type }], rows, serialized: true };
};
