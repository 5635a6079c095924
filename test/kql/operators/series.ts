import { compile } from '../compile.ts';
import { toDynamic } from '../convert.ts';
import { KqlError } from '../error.ts';
import { cast, numberOf } from '../expression.ts';
import { createNames, ownName } from '../naming.ts';
import { child, find, items } from '../syntax.ts';
import { type Column, unordered, type Value } from '../values.ts';
import { type Operator, scopeOf } from './columns.ts';
import { aggregation, grouped, groupKeys } from './summarize.ts';

/** The service cuts longer arrays. */
const SERIES_MAX = 1_048_576;

/** `make-series … on axis from a to b step c by …`: bins from `a`, those before `b`; both must be given. */
export const makeSeries: Operator = (node, table, environment) => {
  const scope = scopeOf(table, environment);
  const range = child(node, 'RangeClause');
  const bound = (clause: string): number => {
    const given = find(range, clause);
    if (given === undefined) throw new KqlError('make-series without from, to and step is not known');
    return numberOf(compile(child(given, 'Expression'), scope), `${clause} of make-series`);
  };
  const [from, to, step] = [bound('MakeSeriesFromClause'), bound('MakeSeriesToClause'), bound('MakeSeriesStepClause')];
  const length = Math.max(0, Math.ceil((to - from) / step));
  if (length > SERIES_MAX) throw new KqlError(`make-series of more than ${SERIES_MAX} values is cut by the service`);

  const axisNode = child(child(node, 'OnClause'), 'Expression');
  const axis = compile(axisNode, scope);
  const by = find(node, 'ByClause');
  const keys = by === undefined ? [] : groupKeys(items(by, 'Expressions'), scope);
  const keyNames = keys.map(({ column }) => column.name);
  const made = items(node, 'Aggregates').map((item) => {
    const aggregated = aggregation(child(item, 'Expression'), scope, keyNames);
    const type = aggregated.columns[0]?.type ?? 'long';
    const byDefault = find(item, 'DefaultExpression');
    const filler =
      byDefault === undefined
        ? 0
        : cast(compile(child(byDefault, 'Expression'), { ...scope, columns: [] }), type).evaluate([], {
            rows: [],
            index: 0,
          });
    return { aggregated, type, filler };
  });

  const running = made.map(({ aggregated }) => aggregated.start());
  /** By group and bin a number of its own. */
  const bins: number[][] = [];
  let cells = 0;
  const groups = grouped(table.rows, keys, (group, row, place) => {
    const at = axis.evaluate(row, place);
    if (typeof at !== 'number' || at < from || at >= to) return;
    const bin = Math.floor((at - from) / step);
    const own = bins[group] ?? [];
    bins[group] = own;
    const cell = own[bin] ?? cells++;
    own[bin] = cell;
    for (const each of running) each.add(cell, row, place);
  });
  const points = Array.from({ length }, (_, bin) => toDynamic(from + bin * step, axis.type));
  const arraysOf = (own: readonly number[]): Value[] =>
    made.map(({ type, filler }, each) =>
      Array.from({ length }, (_, bin) => {
        const cell = own[bin];
        return toDynamic((cell === undefined ? undefined : running[each]?.values(cell)[0]) ?? filler, type);
      }),
    );
  const nameFor = createNames();
  const columns: Column[] = [
    ...keys.map(({ column }) => column),
    ...made.map(({ aggregated }): Column => ({ name: aggregated.columns[0]?.name ?? '', type: 'dynamic' })),
    { name: ownName(axisNode), type: 'dynamic' },
  ];
  return unordered(
    columns.map(({ name, type }) => ({ name: nameFor(name), type })),
    groups.flatMap((key, group) => {
      const own = bins[group];
      return own === undefined ? [] : [[...key, ...arraysOf(own), points]];
    }),
  );
};
