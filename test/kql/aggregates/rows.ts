import { compile } from '../compile.ts';
import { toDynamic } from '../convert.ts';
import type { Scope } from '../environment.ts';
import { KqlError } from '../error.ts';
import { type Expression, numberOf, type Place } from '../expression.ts';
import { argumentsOf } from '../lambda.ts';
import { isStar } from '../literals.ts';
import { ownName } from '../naming.ts';
import { child, nameOf, type SyntaxNode } from '../syntax.ts';
import { type Column, compareValues, emptyOf, type Row, type Value } from '../values.ts';
import { percentileOf } from './functions.ts';

type RowAggregate = {
  columns: readonly Column[];
  start(): { add(group: number, row: Row, place: Place): void; values(group: number): readonly Value[] };
};

const NAMES = new Set(['arg_max', 'arg_min', 'percentiles', 'percentiles_array']);

/** Whether a call is of an aggregate that gives several columns. */
export function isRowAggregate(call: SyntaxNode): boolean {
  const name = nameOf(child(call, 'Name'));
  return NAMES.has(name) || (name === 'take_any' && (argumentsOf(call).length > 1 || argumentsOf(call).some(isStar)));
}

/** `arg_max(a, b, *)`, `take_any(*)`, `percentiles(a, 5, 95)`; `names` given in front of it name its columns in turn. */
export function rowAggregate(
  call: SyntaxNode,
  scope: Scope,
  names: readonly string[],
  groupedBy: readonly string[],
): RowAggregate {
  const name = nameOf(child(call, 'Name'));
  if (name.startsWith('percentiles')) return percentiles(call, scope, names);
  const returned = argumentsOf(call).flatMap((argument, index) =>
    isStar(argument)
      ? starColumns(scope, [...groupedBy, ...argumentsOf(call).slice(0, index).map(ownName)])
      : [{ name: ownName(argument), expression: compile(argument, scope) }],
  );
  const columns = returned.map((each, index) => ({ name: names[index] ?? each.name, type: each.expression.type }));
  const sign = name === 'arg_max' ? 1 : name === 'arg_min' ? -1 : 0;
  return {
    columns,
    start: () =>
      bestRow(
        sign,
        returned.map(({ expression }) => expression),
      ),
  };
}

function starColumns(scope: Scope, without: readonly string[]): { name: string; expression: Expression }[] {
  return scope.columns.flatMap(({ name, type }, index) =>
    without.includes(name)
      ? []
      : [{ name, expression: { type, constant: false, evaluate: (row: Row) => row[index] ?? emptyOf(type) } }],
  );
}

/** The values of the row whose first is largest (smallest, any); of several such rows any, of nulls alone any. */
function bestRow(sign: number, expressions: readonly Expression[]): ReturnType<RowAggregate['start']> {
  const best: (readonly Value[] | undefined)[] = [];
  return {
    add(group, row, place) {
      const value = expressions[0]?.evaluate(row, place) ?? null;
      const before = best[group];
      const held = before?.[0] ?? null;
      const better =
        before === undefined || (value !== null && (held === null || sign * compareValues(value, held) > 0));
      if (better) best[group] = expressions.map((expression) => expression.evaluate(row, place));
    },
    values: (group) => best[group] ?? expressions.map(({ type }) => emptyOf(type)),
  };
}

function percentiles(call: SyntaxNode, scope: Scope, names: readonly string[]): RowAggregate {
  const [node, ...rest] = argumentsOf(call);
  if (node === undefined) throw new KqlError('percentiles of nothing');
  const value = compile(node, scope);
  const ranks = rest.map((rank) => numberOf(compile(rank, scope), 'a percentile'));
  const asArray = nameOf(child(call, 'Name')) === 'percentiles_array';
  const columns: Column[] = asArray
    ? [{ name: names[0] ?? `percentiles_${ownName(node)}`, type: 'dynamic' }]
    : ranks.map((rank, index) => ({
        name: names[index] ?? `percentile_${ownName(node)}_${String(rank).replace('.', '_')}`,
        type: value.type,
      }));
  return {
    columns,
    start() {
      const values: Value[][] = [];
      return {
        add(group, row, place) {
          const each = value.evaluate(row, place);
          const own = values[group] ?? [];
          if (each !== null) own.push(each);
          values[group] = own;
        },
        values(group) {
          const found = ranks.map((rank) => percentileOf(values[group] ?? [], rank));
          return asArray ? [found.map((each) => toDynamic(each, value.type))] : found;
        },
      };
    },
  };
}
