import type { Accumulator, Aggregate } from '../aggregates/aggregate.ts';
import { AGGREGATES } from '../aggregates/functions.ts';
import { isRowAggregate, rowAggregate } from '../aggregates/rows.ts';
import { compile } from '../compile.ts';
import type { Scope } from '../environment.ts';
import { KqlError } from '../error.ts';
import type { Expression, Place } from '../expression.ts';
import { argumentsOf } from '../lambda.ts';
import { aggregateName, createNames, namesGiven, ownName } from '../naming.ts';
import { child, find, items, nameOf, type SyntaxNode } from '../syntax.ts';
import { type Column, keyOfAll, type Row, unordered, type Value } from '../values.ts';
import { columnsNamed, type Operator, scopeOf } from './columns.ts';

/** Output columns of one expression of aggregates, and how the values of groups come about. */
export type Aggregation = {
  columns: readonly Column[];
  start(): Running;
};

type Running = { add(group: number, row: Row, place: Place): void; values(group: number): readonly Value[] };

/** An expression such as `max(a) - min(a)`, or one aggregate that gives several columns. */
export function aggregation(node: SyntaxNode, scope: Scope, groupedBy: readonly string[]): Aggregation {
  const names = namesGiven(node);
  const body = find(node, 'Names') === undefined && names.length === 0 ? node : child(node, 'Expression');
  if (body.kind === 'FunctionCallExpression' && isRowAggregate(body))
    return rowAggregate(body, scope, names, groupedBy);
  const [name = aggregateName(body)] = names;
  const aggregates: Aggregate[] = [];
  const outer = compile(body, {
    ...scope,
    columns: [],
    instead: (call) => aggregateIn(call, scope, aggregates),
  });
  return {
    columns: [{ name, type: outer.type }],
    start() {
      const running = aggregates.map((aggregate) => aggregate.start());
      return {
        add(group, row, place) {
          for (const each of running) each.add(group, row, place);
        },
        values: (group) => [outer.evaluate(valuesOf(running, group), { rows: [], index: 0 })],
      };
    },
  };
}

function valuesOf(running: readonly Accumulator[], group: number): readonly Value[] {
  return running.map((each) => each.value(group));
}

function aggregateIn(call: SyntaxNode, scope: Scope, aggregates: Aggregate[]): Expression | undefined {
  const make = AGGREGATES[nameOf(child(call, 'Name'))];
  if (make === undefined) return undefined;
  const aggregate = make(argumentsOf(call).map((argument) => compile(argument, scope)));
  const slot = aggregates.push(aggregate) - 1;
  return { type: aggregate.type, constant: false, evaluate: (values) => values[slot] ?? null };
}

export type GroupKey = { column: Column; expression: Expression };

export function groupKeys(nodes: readonly SyntaxNode[], scope: Scope): readonly GroupKey[] {
  return nodes.map((node) => {
    const expression = compile(node, scope);
    if (expression.type === 'dynamic') throw new KqlError('a dynamic value cannot be grouped by');
    return { column: { name: namesGiven(node)[0] ?? ownName(node), type: expression.type }, expression };
  });
}

/** The values that tell each group from the others, by its number; rows are told to `add` with the number of theirs. */
export function grouped(
  rows: readonly Row[],
  keys: readonly GroupKey[],
  add: (group: number, row: Row, place: Place) => void,
): readonly (readonly Value[])[] {
  const numbers = new Map<ReturnType<typeof keyOfAll>, number>();
  const groups: (readonly Value[])[] = [];
  const key: Value[] = keys.map(() => null);
  const place: Place = { rows, index: 0 };
  for (const row of rows) {
    for (const [index, { expression }] of keys.entries()) key[index] = expression.evaluate(row, place);
    const text = keyOfAll(key);
    let group = numbers.get(text);
    if (group === undefined) {
      group = groups.push([...key]) - 1;
      numbers.set(text, group);
    }
    add(group, row, place);
    place.index++;
  }
  return groups;
}

export const summarize: Operator = (node, table, environment) => {
  const scope = scopeOf(table, environment);
  const by = find(node, 'ByClause');
  const keys = by === undefined ? [] : groupKeys(items(by, 'Expressions'), scope);
  const keyNames = keys.map(({ column }) => column.name);
  const aggregations = items(node, 'Aggregates').map((item) => aggregation(item, scope, keyNames));
  const running = aggregations.map((each) => each.start());
  const groups = grouped(table.rows, keys, (group, row, place) => {
    for (const each of running) each.add(group, row, place);
  });
  const all = by === undefined && groups.length === 0 ? [[]] : groups;
  const nameFor = createNames();
  const columns = [...keys.map(({ column }) => column), ...aggregations.flatMap((each) => each.columns)];
  return unordered(
    columns.map(({ name, type }) => ({ name: nameFor(name), type })),
    all.map((key, group) => [...key, ...running.flatMap((each) => each.values(group))]),
  );
};

export const distinct: Operator = (node, table) => {
  const places = columnsNamed(items(node, 'Expressions'), table);
  const rows = new Map<ReturnType<typeof keyOfAll>, Row>();
  for (const row of table.rows) {
    const picked = places.map((place) => row[place] ?? null);
    const key = keyOfAll(picked);
    if (!rows.has(key)) rows.set(key, picked);
  }
  return unordered(
    places.flatMap((place) => table.columns[place] ?? []),
    [...rows.values()],
  );
};

export const count: Operator = (node, table) => {
  const alias = find(node, 'AsIdentifier');
  const name = alias === undefined ? 'Count' : child(alias, 'Identifier').text;
  return { columns: [{ name, type: 'long' }], rows: [[table.rows.length]], serialized: false };
};
