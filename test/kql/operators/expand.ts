import { compile } from '../compile.ts';
import { convert } from '../convert.ts';
import type { Environment } from '../environment.ts';
import { type Expression, numberOf } from '../expression.ts';
import { typeOfLiteral } from '../literals.ts';
import { namesGiven, ownName } from '../naming.ts';
import { child, find, items, parametersOf, type SyntaxNode } from '../syntax.ts';
import { type Column, emptyOf, isBag, type Row, type Table, type Type, unordered, type Value } from '../values.ts';
import { type Operator, scopeOf } from './columns.ts';

type Expanded = { name: string; type: Type; expression: Expression };

type Expansion = {
  /** Of a row with its elements: the columns of the table, those expanded in their place, new ones after them. */
  columns: readonly Column[];
  expand(row: Row, index: number): Row[];
};

function expansionOf(node: SyntaxNode, table: Table, environment: Environment): Expansion {
  const scope = scopeOf(table, environment);
  const expanded = items(node, 'Expressions').map((item): Expanded => {
    const inner = child(item, 'Expression');
    const type = find(item, 'ToTypeOf');
    return {
      name: namesGiven(inner)[0] ?? ownName(inner),
      type: type === undefined ? 'dynamic' : typeOfLiteral(child(type, 'TypeOf')),
      expression: compile(inner, scope),
    };
  });
  const indexName = parametersOf(node).get('with_itemindex');
  const limitNode = find(node, 'RowLimitClause');
  const limit =
    limitNode === undefined
      ? Number.POSITIVE_INFINITY
      : numberOf(compile(child(limitNode, 'RowLimit'), scope), 'a number of rows');
  const columns: Column[] = [...table.columns];
  const places = expanded.map(({ name, type }) => {
    const at = columns.findIndex((column) => column.name === name);
    if (at < 0) return columns.push({ name, type }) - 1;
    columns[at] = { name, type };
    return at;
  });
  if (indexName !== undefined) columns.push({ name: indexName, type: 'long' });
  return {
    columns,
    expand(row, index) {
      const lists = expanded.map(({ expression }) => elementsOf(expression.evaluate(row, { rows: table.rows, index })));
      const length = Math.min(limit, Math.max(0, ...lists.map((list) => list.length)));
      return Array.from({ length }, (_, at) => {
        const values: Value[] = [...row];
        expanded.forEach(({ type }, each) => {
          values[places[each] ?? 0] = convert(lists[each]?.[at] ?? null, 'dynamic', type) ?? emptyOf(type);
        });
        if (indexName !== undefined) values[columns.length - 1] = at;
        return values;
      });
    },
  };
}

/** A bag gives a bag for each of its entries; nothing gives one null; an empty array gives no row. */
function elementsOf(value: Value): readonly Value[] {
  if (Array.isArray(value)) return value;
  if (isBag(value)) return Object.entries(value).map(([key, each]) => ({ [key]: each }));
  return [value];
}

export const mvExpand: Operator = (node, table, environment) => {
  const { columns, expand } = expansionOf(node, table, environment);
  return unordered(
    columns,
    table.rows.flatMap((row, index) => expand(row, index)),
  );
};

/** A query over the elements of each row, whose results stand beside the row's own columns. */
export const mvApply: Operator = (node, table, environment) => {
  const { columns, expand } = expansionOf(node, table, environment);
  const query = child(child(node, 'Subquery'), 'Expression');
  let shape = environment.run(query, environment, { columns, rows: [], serialized: false }).columns;
  const results = table.rows.map((row, index) => {
    const result = environment.run(query, environment, { columns, rows: expand(row, index), serialized: false });
    shape = result.columns;
    return { row, result };
  });
  const own = table.columns.map((column) => ({ column, from: shape.findIndex(({ name }) => name === column.name) }));
  const added = shape.map((_, place) => place).filter((place) => !own.some(({ from }) => from === place));
  return unordered(
    [...own.map(({ column, from }) => shape[from] ?? column), ...added.flatMap((place) => shape[place] ?? [])],
    results.flatMap(({ row, result }) =>
      result.rows.map((found) => [
        ...own.map(({ from }, place) => (from < 0 ? row[place] : found[from]) ?? null),
        ...added.map((place) => found[place] ?? null),
      ]),
    ),
  );
};
