import { KqlError, UNRESOLVED } from '../error.ts';
import { createNames } from '../naming.ts';
import { child, find, items, nameOf, parametersOf, type SyntaxNode, textOf } from '../syntax.ts';
import { emptyOf, keyOfAll, type Row, type Table, unordered, type Value } from '../values.ts';
import type { Operator } from './columns.ts';

type Keys = { left: readonly number[]; right: readonly number[] };

type Kind = { left: 'matched' | 'all'; right: 'matched' | 'all' };

/** Whose columns come out, and which of their rows. */
const PAIRS: Readonly<Record<string, Kind>> = {
  inner: { left: 'matched', right: 'matched' },
  innerunique: { left: 'matched', right: 'matched' },
  leftouter: { left: 'all', right: 'matched' },
  rightouter: { left: 'matched', right: 'all' },
  fullouter: { left: 'all', right: 'all' },
};

const SINGLE: Readonly<Record<string, { side: 'left' | 'right'; matched: boolean }>> = {
  leftsemi: { side: 'left', matched: true },
  rightsemi: { side: 'right', matched: true },
  leftanti: { side: 'left', matched: false },
  anti: { side: 'left', matched: false },
  leftantisemi: { side: 'left', matched: false },
  rightanti: { side: 'right', matched: false },
  rightantisemi: { side: 'right', matched: false },
};

export const join: Operator = (node, left, environment) => {
  const right = environment.run(child(node, 'Expression'), environment);
  const kind = parametersOf(node).get('kind') ?? 'innerunique';
  const keys = keysOf(child(node, 'ConditionClause'), left, right);
  const single = SINGLE[kind];
  if (single !== undefined) return singleSide(left, right, keys, single);
  const unique = kind === 'innerunique' ? { ...left, rows: onePerKey(left.rows, keys.left) } : left;
  return paired(unique, right, keys, { kind, dropped: [] });
};

/** Keys once, and what the right side adds to the left. */
export const lookup: Operator = (node, left, environment) => {
  const right = environment.run(child(node, 'Expression'), environment);
  const kind = parametersOf(node).get('kind') ?? 'leftouter';
  if (kind !== 'leftouter' && kind !== 'inner') throw new KqlError(`lookup kind=${kind} is not known`);
  const keys = keysOf(child(node, 'LookupClause'), left, right);
  return paired(left, right, keys, { kind, dropped: keys.right });
};

function keysOf(clause: SyntaxNode, left: Table, right: Table): Keys {
  const pairs = items(clause, 'Expressions').flatMap(conditionsIn).map(pairOf);
  return {
    left: pairs.map((pair) => placeOf(pair.left, left, 'left')),
    right: pairs.map((pair) => placeOf(pair.right, right, 'right')),
  };
}

function conditionsIn(node: SyntaxNode): readonly SyntaxNode[] {
  if (node.kind === 'ParenthesizedExpression') return conditionsIn(child(node, 'Expression'));
  if (node.kind !== 'AndExpression') return [node];
  return [...conditionsIn(child(node, 'Left')), ...conditionsIn(child(node, 'Right'))];
}

function pairOf(node: SyntaxNode): { left: string; right: string } {
  if (node.kind === 'NameReference') return { left: nameOf(node), right: nameOf(node) };
  if (node.kind !== 'EqualExpression') throw new KqlError(`a join on ${node.kind} is not known`);
  const sides = new Map(
    [child(node, 'Left'), child(node, 'Right')].map((side) => [
      textOf(find(side, 'Expression') ?? side),
      nameOf(find(side, 'Selector') ?? side),
    ]),
  );
  const [left, right] = [sides.get('$left'), sides.get('$right')];
  if (left === undefined || right === undefined) throw new KqlError('a join on values takes $left and $right');
  return { left, right };
}

function placeOf(name: string, table: Table, side: string): number {
  const place = table.columns.findIndex((column) => column.name === name);
  if (place < 0) throw new KqlError(`the ${side} side of a join has no column ${name}`, UNRESOLVED);
  return place;
}

/** Nothing where a key is null: what the service makes of two nulls is not documented, so that they meet is an error. */
type Key = ReturnType<typeof keyOfAll> | undefined;

function keyAt(row: Row, places: readonly number[]): Key {
  const [only] = places;
  if (places.length === 1 && only !== undefined) {
    const value = row[only];
    if (value === null || value === undefined) return undefined;
    return typeof value === 'object' ? keyOfAll([value]) : value;
  }
  const values = places.map((place) => row[place] ?? null);
  return values.includes(null) ? undefined : keyOfAll(values);
}

function onePerKey(rows: readonly Row[], places: readonly number[]): readonly Row[] {
  const first = new Map<Key, Row>();
  for (const row of rows) {
    const key = keyAt(row, places);
    if (!first.has(key)) first.set(key, row);
  }
  return [...first.values()];
}

function byKey(rows: readonly Row[], places: readonly number[]): Map<Key, Row[]> {
  const found = new Map<Key, Row[]>();
  for (const row of rows) {
    const key = keyAt(row, places);
    const same = found.get(key);
    if (same === undefined) found.set(key, [row]);
    else same.push(row);
  }
  return found;
}

function refuseNulls(left: ReadonlyMap<Key, Row[]>, right: ReadonlyMap<Key, Row[]>): void {
  if (left.has(undefined) && right.has(undefined))
    throw new KqlError('both sides of a join have null keys: filter them, or make them a value');
}

function paired(
  left: Table,
  right: Table,
  keys: Keys,
  { kind, dropped }: { kind: string; dropped: readonly number[] },
): Table {
  const wanted = PAIRS[kind];
  if (wanted === undefined) throw new KqlError(`join kind=${kind} is not known`);
  const places = right.columns.map((_, place) => place).filter((place) => !dropped.includes(place));
  const nameFor = createNames(left.columns.map(({ name }) => name));
  const columns = [
    ...left.columns,
    ...places.flatMap((place) => right.columns[place] ?? []).map(({ name, type }) => ({ name: nameFor(name), type })),
  ];
  const [lefts, rights] = [byKey(left.rows, keys.left), byKey(right.rows, keys.right)];
  refuseNulls(lefts, rights);
  const none = { left: emptyRow(left), right: emptyRow(right) };
  const pick = (row: readonly Value[]): Row => places.map((place) => row[place] ?? null);
  const rows: Row[] = [];
  for (const row of left.rows) {
    const key = keyAt(row, keys.left);
    const matches = key === undefined ? undefined : rights.get(key);
    if (matches !== undefined) for (const match of matches) rows.push([...row, ...pick(match)]);
    else if (wanted.left === 'all') rows.push([...row, ...pick(none.right)]);
  }
  if (wanted.right === 'all')
    for (const row of right.rows) {
      const key = keyAt(row, keys.right);
      if (key === undefined || !lefts.has(key)) rows.push([...none.left, ...pick(row)]);
    }
  return unordered(columns, rows);
}

function emptyRow(table: Table): Row {
  return table.columns.map(({ type }) => emptyOf(type));
}

function singleSide(
  left: Table,
  right: Table,
  keys: Keys,
  { side, matched }: { side: 'left' | 'right'; matched: boolean },
): Table {
  const [lefts, rights] = [byKey(left.rows, keys.left), byKey(right.rows, keys.right)];
  refuseNulls(lefts, rights);
  const [table, places, others] = side === 'left' ? [left, keys.left, rights] : [right, keys.right, lefts];
  return unordered(
    table.columns,
    table.rows.filter((row) => {
      const key = keyAt(row, places);
      return (key !== undefined && others.has(key)) === matched;
    }),
  );
}
