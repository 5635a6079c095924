import { toDynamic } from '../convert.ts';
import { KqlError } from '../error.ts';
import { constant, type Expression, numberOf } from '../expression.ts';
import { type Bag, compareValues, exact, isBag, isEmpty, keyOf, type Type, type Value } from '../values.ts';
import { type AggregateFunction, folded } from './aggregate.ts';

/** More elements than this the service leaves out. */
const LIST_MAX = 1_048_576;

type Fold = (
  value: Expression,
  condition: Expression | undefined,
  rest: readonly Expression[],
) => ReturnType<AggregateFunction>;

function plain(fold: Fold): AggregateFunction {
  return ([value, ...rest]) => {
    if (value === undefined) throw new KqlError('an aggregate of nothing');
    return fold(value, undefined, rest);
  };
}

/** Of rows for which the last argument is true. */
function conditional(fold: Fold): AggregateFunction {
  return (args) => {
    const [value, condition, ...rest] = args;
    if (value === undefined || condition === undefined) throw new KqlError('an aggregate without its condition');
    return fold(value, condition, rest);
  };
}

const count: AggregateFunction = () => counted(undefined);
const countIf: AggregateFunction = ([condition]) => counted(condition);

function counted(condition: Expression | undefined): ReturnType<AggregateFunction> {
  return folded('long', constant('long', 1), condition, {
    start: () => 0,
    add: (total: number) => total + 1,
    end: (total) => total,
  });
}

/** 0 where there is nothing to add. */
const sum: Fold = (value, condition) => {
  const type = sumType(value.type);
  return folded(type, value, condition, {
    start: () => 0,
    add: (total: number, each) => (type === 'real' ? total + Number(each) : exact(total + Number(each))),
    end: (total) => total,
  });
};

function sumType(type: Type): Type {
  if (type === 'real' || type === 'timespan') return type;
  if (type === 'int' || type === 'long') return 'long';
  throw new KqlError(`sum of ${type} is not known`);
}

/** Not a number where there is nothing. */
const avg: Fold = (value, condition) =>
  folded(value.type === 'timespan' || value.type === 'datetime' ? value.type : 'real', value, condition, {
    start: () => ({ total: 0, values: 0 }),
    add: ({ total, values }, each) => ({ total: total + Number(each), values: values + 1 }),
    end: ({ total, values }) => total / values,
  });

function extreme(sign: 1 | -1): Fold {
  return (value, condition) =>
    folded(value.type, value, condition, {
      start: (): Value => null,
      add: (best: Value, each) => (best === null || sign * compareValues(each, best) > 0 ? each : best),
      end: (best) => best,
    });
}

/** Exact, where the service estimates. */
const dcount: Fold = (value, condition) =>
  folded('long', value, condition, {
    start: () => new Set<string>(),
    add: (seen: Set<string>, each) => seen.add(keyOf(each)),
    end: (seen) => seen.size,
  });

const makeList: Fold = (value, condition, [size]) => {
  const most = size === undefined ? LIST_MAX : numberOf(size, 'the size of make_list');
  return folded('dynamic', value, condition, {
    start: (): Value[] => [],
    add(list: Value[], each) {
      if (list.length < most) list.push(toDynamic(each, value.type));
      return list;
    },
    end: (list) => list,
  });
};

/** Of arrays their elements. */
const makeSet: Fold = (value, condition, [size]) => {
  const most = size === undefined ? LIST_MAX : numberOf(size, 'the size of make_set');
  return folded('dynamic', value, condition, {
    start: () => new Map<string, Value>(),
    add(set: Map<string, Value>, each) {
      for (const element of Array.isArray(each) ? each : [each])
        if (set.size < most) set.set(keyOf(element), toDynamic(element, value.type));
      return set;
    },
    end: (set) => [...set.values()],
  });
};

const makeBag: Fold = (value, condition) =>
  folded('dynamic', value, condition, {
    start: (): Bag => ({}),
    add: (bag: Bag, each) => (isBag(each) ? { ...each, ...bag } : bag),
    end: (bag) => bag,
  });

/** Any value, one that is not empty where there is one. */
const takeAny: Fold = (value, condition) =>
  folded(value.type, value, condition, {
    start: (): Value => null,
    add: (found: Value, each) => (isEmpty(found) ? each : found),
    end: (found) => found,
  });

/** By nearest rank and exact, where the service estimates by a digest with an error of a percent in rank. */
export function percentileOf(values: readonly Value[], percent: number): Value {
  const sorted = values.toSorted(compareValues);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? null;
}

const percentile: Fold = (value, condition, [percent]) => {
  const at = numberOf(percent, 'a percentile');
  return folded(value.type, value, condition, {
    start: (): Value[] => [],
    add(values: Value[], each) {
      values.push(each);
      return values;
    },
    end: (values) => percentileOf(values, at),
  });
};

/** Of a sample: 0 where there are fewer than two values. */
function spread(end: (variance: number) => number): Fold {
  return (value, condition) =>
    folded('real', value, condition, {
      start: (): number[] => [],
      add(values: number[], each) {
        values.push(Number(each));
        return values;
      },
      end(values) {
        if (values.length < 2) return 0;
        const mean = values.reduce((total, each) => total + each, 0) / values.length;
        return end(values.reduce((total, each) => total + (each - mean) ** 2, 0) / (values.length - 1));
      },
    });
}

/** Aggregates of one value. @see https://learn.microsoft.com/kusto/query/aggregation-functions */
export const AGGREGATES: Readonly<Record<string, AggregateFunction>> = {
  count,
  countif: countIf,
  sum: plain(sum),
  sumif: conditional(sum),
  avg: plain(avg),
  avgif: conditional(avg),
  min: plain(extreme(-1)),
  minif: conditional(extreme(-1)),
  max: plain(extreme(1)),
  maxif: conditional(extreme(1)),
  dcount: plain((value) => dcount(value, undefined, [])),
  dcountif: conditional((value, condition) => dcount(value, condition, [])),
  count_distinct: plain(dcount),
  count_distinctif: conditional(dcount),
  make_list: plain(makeList),
  make_list_if: conditional(makeList),
  make_set: plain(makeSet),
  make_set_if: conditional(makeSet),
  make_bag: plain(makeBag),
  make_bag_if: conditional(makeBag),
  take_any: plain(takeAny),
  take_anyif: conditional(takeAny),
  percentile: plain(percentile),
  stdev: plain(spread(Math.sqrt)),
  variance: plain(spread((value) => value)),
};
