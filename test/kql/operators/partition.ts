import { KqlError } from '../error.ts';
import { child, find, parametersOf, type SyntaxNode } from '../syntax.ts';
import { keyOf, type Row, unordered } from '../values.ts';
import { columnsNamed, type Operator } from './columns.ts';

/** More are refused by the strategy that holds where none is given. */
const LEGACY_MAX = 64;
const NOT_IN_NATIVE = new Set([
  'JoinOperator',
  'LookupOperator',
  'UnionOperator',
  'PartitionOperator',
  'InvokeOperator',
]);

/** `partition by column (…)`: the subquery for the rows of each value, one after the other. */
export const partition: Operator = (node, table, environment) => {
  const strategy = parametersOf(node).get('hint.strategy') ?? 'legacy';
  const query = child(child(node, 'Operand'), 'Subquery');
  if (child(node, 'Operand').kind !== 'PartitionSubquery') throw new KqlError('partition {…} is not known');
  if (strategy !== 'legacy') refuseSources(query);
  const [place = 0] = columnsNamed([child(node, 'ByExpression')], table);
  const parts = new Map<string, Row[]>();
  for (const row of table.rows) {
    const key = keyOf(row[place] ?? null);
    const part = parts.get(key);
    if (part === undefined) parts.set(key, [row]);
    else part.push(row);
  }
  if (strategy === 'legacy' && parts.size > LEGACY_MAX)
    throw new KqlError(`partition into ${parts.size} parts: more than ${LEGACY_MAX} need hint.strategy=native`);
  const run = (rows: readonly Row[]): ReturnType<typeof environment.run> =>
    environment.run(query, environment, { columns: table.columns, rows, serialized: false });
  const results = [...parts.values()].map(run);
  return unordered(
    (results[0] ?? run([])).columns,
    results.flatMap(({ rows }) => rows),
  );
};

function refuseSources(node: SyntaxNode): void {
  if (NOT_IN_NATIVE.has(node.kind)) throw new KqlError(`${node.kind} is refused inside partition with this strategy`);
  for (const each of node.children) refuseSources(each);
  if (node.kind === 'PipeExpression' && find(node, 'Expression')?.kind === 'NameReference')
    throw new KqlError('a subquery of partition has no source of its own with this strategy');
}
