import type { Environment } from '../environment.ts';
import { KqlError, UNRESOLVED } from '../error.ts';
import { matches, patternOf } from '../literals.ts';
import { createNames } from '../naming.ts';
import { child, items, nameOf, parametersOf, type SyntaxNode } from '../syntax.ts';
import { type Column, emptyOf, type Table, unordered, type Value } from '../values.ts';

type Leg = { name: string; table: Table };

/** `union` of tables, of what stands before it, and, where `isfuzzy=true`, without those that are not there. */
export function union(node: SyntaxNode, source: Table | undefined, environment: Environment): Table {
  const parameters = parametersOf(node);
  const fuzzy = parameters.get('isfuzzy') === 'true';
  const legs = items(node, 'Expressions').flatMap((leg, index) => legsOf(leg, index, environment, fuzzy));
  const all = source === undefined ? legs : [{ name: 'union_arg0', table: source }, ...legs];
  if (all.length === 0) throw new KqlError('none of the tables of this union is there', UNRESOLVED);
  return merged(all, { inner: parameters.get('kind') === 'inner', source: parameters.get('withsource') });
}

function legsOf(node: SyntaxNode, index: number, environment: Environment, fuzzy: boolean): readonly Leg[] {
  const start = startOf(node);
  if (start.kind === 'NameReference') {
    const pattern = patternOf(start);
    if (node.kind === 'NameReference' && pattern.includes('*'))
      return environment
        .tableNames()
        .filter((name) => matches(pattern, name))
        .map((name) => ({ name, table: tableNamed(name, environment) }));
    if (fuzzy && environment.lookUp(pattern) === undefined) return [];
  }
  const name = node.kind === 'NameReference' ? nameOf(node) : `union_arg${index}`;
  return [{ name, table: environment.run(node, environment) }];
}

/** What a pipeline begins with. */
function startOf(node: SyntaxNode): SyntaxNode {
  return node.kind === 'PipeExpression' || node.kind === 'ParenthesizedExpression'
    ? startOf(child(node, 'Expression'))
    : node;
}

function tableNamed(name: string, environment: Environment): Table {
  const bound = environment.lookUp(name);
  if (bound?.kind !== 'table') throw new KqlError(`there is no table ${name}`, UNRESOLVED);
  return bound.read();
}

/** Columns of one name and type are one; of one name and several types each has its type in its name. */
function merged(legs: readonly Leg[], options: { inner: boolean; source: string | undefined }): Table {
  const typesOf = new Map<string, Set<Column['type']>>();
  for (const { table } of legs)
    for (const { name, type } of table.columns) typesOf.set(name, (typesOf.get(name) ?? new Set()).add(type));
  const everywhere = ({ name, type }: Column): boolean =>
    legs.every(({ table }) => table.columns.some((column) => column.name === name && column.type === type));
  const wanted = [...typesOf]
    .flatMap(([name, types]) => [...types].map((type) => ({ name, type, clashes: types.size > 1 })))
    .filter((column) => !options.inner || everywhere(column));
  const nameFor = createNames();
  const columns = wanted.map(({ name, type, clashes }) => ({
    name: nameFor(clashes ? `${name}_${type}` : name),
    type,
  }));
  const rows = legs.flatMap(({ name, table }) => {
    const places = wanted.map((column) =>
      table.columns.findIndex((each) => each.name === column.name && each.type === column.type),
    );
    return table.rows.map((row): Value[] => [
      ...(options.source === undefined ? [] : [name]),
      ...places.map((place, index) => row[place] ?? emptyOf(wanted[index]?.type ?? 'dynamic')),
    ]);
  });
  return unordered(
    options.source === undefined ? columns : [{ name: options.source, type: 'string' }, ...columns],
    rows,
  );
}
