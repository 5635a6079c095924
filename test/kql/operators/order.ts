import { compile } from '../compile.ts';
import type { Environment } from '../environment.ts';
import { type Expression, eachRow, numberOf } from '../expression.ts';
import { child, find, items, type SyntaxNode, textOf } from '../syntax.ts';
import { compareValues, type Row, type Table, type Value } from '../values.ts';
import { type Operator, scopeOf } from './columns.ts';

type SortKey = { expression: Expression; ascending: boolean; nullsFirst: boolean };

/** Descending where nothing is said; nulls last then, and first when ascending. */
function sortKey(node: SyntaxNode, table: Table, environment: Environment): SortKey {
  const ordering = find(node, 'Ordering');
  const expression = compile(ordering === undefined ? node : child(node, 'Expression'), scopeOf(table, environment));
  const direction = ordering && find(ordering, 'AscOrDescKeyword');
  const nulls = ordering && find(ordering, 'NullsClause');
  const ascending = direction !== undefined && textOf(direction) === 'asc';
  const nullsFirst = nulls === undefined ? ascending : textOf(child(nulls, 'FirstOrLastKeyword')) === 'first';
  return { expression, ascending, nullsFirst };
}

function compareKeys(a: Value, b: Value, { ascending, nullsFirst }: SortKey): number {
  const [rankA, rankB] = [absence(a), absence(b)];
  if (rankA > 0 || rankB > 0) return nullsFirst ? rankB - rankA : rankA - rankB;
  return ascending ? compareValues(a, b) : compareValues(b, a);
}

function absence(value: Value): number {
  return value === null ? 2 : Number.isNaN(value) ? 1 : 0;
}

function sorted(table: Table, keys: readonly SortKey[]): readonly Row[] {
  const keyed = eachRow(table.rows, (row, place) => ({
    row,
    values: keys.map(({ expression }) => expression.evaluate(row, place)),
  }));
  keyed.sort((a, b) => {
    for (const [index, key] of keys.entries()) {
      const order = compareKeys(a.values[index] ?? null, b.values[index] ?? null, key);
      if (order !== 0) return order;
    }
    return 0;
  });
  return keyed.map(({ row }) => row);
}

export const sort: Operator = (node, table, environment) => {
  const keys = items(node, 'Expressions').map((key) => sortKey(key, table, environment));
  return { ...table, rows: sorted(table, keys), serialized: true };
};

function countIn(node: SyntaxNode, environment: Environment): number {
  return numberOf(
    compile(child(node, 'Expression'), { columns: [], serialized: false, environment }),
    'a number of rows',
  );
}

export const top: Operator = (node, table, environment) => {
  const key = sortKey(child(node, 'ByExpression'), table, environment);
  return { ...table, rows: sorted(table, [key]).slice(0, countIn(node, environment)), serialized: true };
};

/** Any rows where the table is in no order. */
export const take: Operator = (node, table, environment) => ({
  ...table,
  rows: table.rows.slice(0, countIn(node, environment)),
});
