import type { Accumulator, Aggregate } from '../aggregates/aggregate.ts';
import { AGGREGATES } from '../aggregates/functions.ts';
import { isRowAggregate, rowAggregate } from '../aggregates/rows.ts';
import { compile } from '../compile.ts';
import type { Scope } from '../environment.ts';
import { KqlError } from '../error.ts';
import { type Expression, eachRow, type Place } from '../expression.ts';
import { argumentsOf } from '../lambda.ts';
import { aggregateName, createNames, namesGiven, ownName } from '../naming.ts';
import { child, find, items, nameOf, type SyntaxNode } from '../syntax.ts';
import { type Column, keyOfAll, type Row, unordered, type Value } from '../values.ts';
import { columnsNamed, type Operator, scopeOf } from './columns.ts';

/** Output columns of one expression of aggregates, and how a group's values of them come about. */
export type Aggregation = {
  columns: readonly Column[];
  /** Whether a name was given, which then stays as it is. */
  start(): { add(row: Row, place: Place): void; values(): readonly Value[] };
};

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
        add(row, place) {
          for (const each of running) each.add(row, place);
        },
        values: () => [outer.evaluate(valuesOf(running), { rows: [], index: 0 })],
      };
    },
  };
}

function valuesOf(running: readonly Accumulator[]): readonly Value[] {
  return running.map((each) => each.value());
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

type Group<State> = { key: readonly Value[]; state: State };

/** Rows of equal keys together, in the order of their first. */
export function grouped<State>(
  rows: readonly Row[],
  keys: readonly GroupKey[],
  start: () => State,
  add: (state: State, row: Row, place: Place) => void,
): readonly Group<State>[] {
  const groups = new Map<ReturnType<typeof keyOfAll>, Group<State>>();
  eachRow(rows, (row, place) => {
    const key = keys.map(({ expression }) => expression.evaluate(row, place));
    const text = keyOfAll(key);
    let group = groups.get(text);
    if (group === undefined) {
      group = { key, state: start() };
      groups.set(text, group);
    }
    add(group.state, row, place);
  });
  return [...groups.values()];
}

export const summarize: Operator = (node, table, environment) => {
  const scope = scopeOf(table, environment);
  const by = find(node, 'ByClause');
  const keys = by === undefined ? [] : groupKeys(items(by, 'Expressions'), scope);
  const keyNames = keys.map(({ column }) => column.name);
  const aggregations = items(node, 'Aggregates').map((item) => aggregation(item, scope, keyNames));
  const start = (): ReturnType<Aggregation['start']>[] => aggregations.map((each) => each.start());
  const groups = grouped(table.rows, keys, start, (running, row, place) => {
    for (const each of running) each.add(row, place);
  });
  const all = by === undefined && groups.length === 0 ? [{ key: [], state: start() }] : groups;
  const nameFor = createNames();
  const columns = [...keys.map(({ column }) => column), ...aggregations.flatMap((each) => each.columns)];
  return unordered(
    columns.map(({ name, type }) => ({ name: nameFor(name), type })),
    all.map(({ key, state }) => [...key, ...state.flatMap((each) => each.values())]),
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
