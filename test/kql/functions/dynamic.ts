import { elementOf, toDynamic } from '../convert.ts';
import { KqlError } from '../error.ts';
import { computed, constantOf, type Expression, pair, type ScalarFunction, strict } from '../expression.ts';
import { type Bag, compareValues, isBag, isWhole, keyOf, type Type, type Value } from '../values.ts';

/** The largest array that the service makes by `range()`. */
const RANGE_MAX = 1_048_576;

function ofArray(type: Type, compute: (array: Value[], ...others: Value[]) => Value): ScalarFunction {
  return (args) =>
    computed(type, args, ([array = null, ...others]) => (Array.isArray(array) ? compute(array, ...others) : null));
}

function typesOf(args: readonly Expression[]): readonly Type[] {
  return args.map(({ type }) => type);
}

const pack: ScalarFunction = (args) => {
  const types = typesOf(args);
  return computed('dynamic', args, (values) => {
    const bag: Bag = {};
    for (let at = 0; at + 1 < values.length; at += 2)
      bag[String(values[at])] = toDynamic(values[at + 1] ?? null, types[at + 1] ?? 'dynamic');
    return bag;
  });
};

const packArray: ScalarFunction = (args) => {
  const types = typesOf(args);
  return computed('dynamic', args, (values) => values.map((value, at) => toDynamic(value, types[at] ?? 'dynamic')));
};

const bagMerge: ScalarFunction = (args) =>
  computed('dynamic', args, (values) => Object.assign({}, ...values.filter(isBag).reverse()));

const range: ScalarFunction = ([start, stop, step]) => {
  if (start === undefined || stop === undefined) throw new KqlError('range takes a start and a stop');
  const { type } = start;
  const byDefault = type === 'datetime' || type === 'timespan' ? 3_600_000_000 : 1;
  return strict('dynamic', step === undefined ? [start, stop] : [start, stop, step], ([from, to, by]) => {
    const each = by === undefined ? byDefault : Number(by);
    if (each === 0) return null;
    const values: Value[] = [];
    for (let index = 0; ; index++) {
      const value = Number(from) + index * each;
      if (each > 0 ? value > Number(to) : value < Number(to)) return values;
      if (index >= RANGE_MAX) throw new KqlError(`range() of more than ${RANGE_MAX} values is cut by the service`);
      values.push(toDynamic(value, type));
    }
  });
};

function arraySlice(array: Value[], start: Value | undefined, end: Value | undefined): Value {
  const at = (index: Value | undefined): number => (Number(index) < 0 ? array.length + Number(index) : Number(index));
  return array.slice(Math.max(0, at(start)), at(end) + 1);
}

/** `array_sort_asc(array, …, nulls_last)`: of several arrays the first decides, and only it is given back here. */
function sorted(sign: 1 | -1): ScalarFunction {
  return (args) => {
    if (args.length > 2 || (args[1] !== undefined && args[1].type !== 'bool'))
      throw new KqlError('array_sort of several arrays is not known');
    const nullsLast = args[1] === undefined ? true : constantOf(args[1], 'nulls_last') === true;
    return ofArray('dynamic', (array) => {
      const nulls = array.filter((value) => value === null);
      const values = array.filter((value) => value !== null).sort((a, b) => sign * compareValues(a, b));
      return nullsLast ? [...values, ...nulls] : [...nulls, ...values];
    })(args.slice(0, 1));
  };
}

const arrayConcat: ScalarFunction = (args) =>
  computed('dynamic', args, (values) => values.flatMap((value) => (Array.isArray(value) ? value : [])));

const arrayIff: ScalarFunction = (args) =>
  computed('dynamic', args, ([conditions = null, whenTrue = null, whenFalse = null]) => {
    if (!Array.isArray(conditions)) return null;
    const pick = (from: Value, index: number): Value => (Array.isArray(from) ? (from[index] ?? null) : from);
    return conditions.map((condition, index) =>
      condition === true || (typeof condition === 'number' && condition !== 0)
        ? pick(whenTrue, index)
        : pick(whenFalse, index),
    );
  });

function sum(array: Value[]): number {
  return array.reduce((total: number, value) => total + (typeof value === 'number' ? value : 0), 0);
}

function distinct(values: readonly Value[]): Value[] {
  return [...new Map(values.map((value) => [keyOf(value), value])).values()];
}

function setOperation(combine: (first: Value[], others: readonly Value[][]) => Value[]): ScalarFunction {
  return (args) =>
    computed('dynamic', args, (values) => {
      const [first, ...others] = values.map((value) => (Array.isArray(value) ? value : []));
      return distinct(combine(first ?? [], others));
    });
}

function holds(array: readonly Value[], value: Value): boolean {
  return array.some((each) => keyOf(each) === keyOf(value));
}

/** Pair by pair; a single number stands for each element. */
function series(compute: (a: number, b: number) => number | boolean): ScalarFunction {
  return (args) =>
    computed('dynamic', args, ([left = null, right = null]) => {
      const length = Math.max(...[left, right].map((side) => (Array.isArray(side) ? side.length : 0)));
      return Array.from({ length }, (_, index) => {
        const [a, b] = [left, right].map((side) => (Array.isArray(side) ? side[index] : side));
        return typeof a === 'number' && typeof b === 'number' ? compute(a, b) : null;
      });
    });
}

/** A path into bags is not known, only a key. */
function plainKey(key: Value | undefined): string {
  if (typeof key !== 'string' || key.startsWith('$')) throw new KqlError(`bag_has_key of ${String(key)} is not known`);
  return key;
}

const indexOfValue: ScalarFunction = (args) =>
  computed('long', args, ([array = null, value = null]) =>
    Array.isArray(array) ? array.findIndex((each) => keyOf(each) === keyOf(value)) : null,
  );

/** @see https://learn.microsoft.com/kusto/query/scalar-functions#dynamicarray-functions */
export const DYNAMIC_FUNCTIONS: Readonly<Record<string, ScalarFunction>> = {
  bag_pack: pack,
  pack,
  bag_merge: bagMerge,
  bag_keys: (args) => computed('dynamic', args, ([bag = null]) => (isBag(bag) ? Object.keys(bag) : null)),
  bag_has_key: (args) => computed('bool', args, ([bag = null, key]) => isBag(bag) && Object.hasOwn(bag, plainKey(key))),
  pack_array: packArray,
  range,
  array_length: ofArray('long', (array) => array.length),
  array_slice: ofArray('dynamic', arraySlice),
  array_sort_asc: sorted(1),
  array_sort_desc: sorted(-1),
  array_concat: arrayConcat,
  array_reverse: ofArray('dynamic', (array) => array.toReversed()),
  array_iff: arrayIff,
  array_sum: ofArray('real', sum),
  array_index_of: indexOfValue,
  set_union: setOperation((first, others) => [...first, ...others.flat()]),
  set_intersect: setOperation((first, others) => first.filter((value) => others.every((other) => holds(other, value)))),
  set_difference: setOperation((first, others) =>
    first.filter((value) => !others.some((other) => holds(other, value))),
  ),
  set_has_element: (args) =>
    computed('bool', args, ([array = null, value = null]) => Array.isArray(array) && holds(array, value)),
  series_sum: ofArray('real', sum),
  series_add: series((a, b) => a + b),
  series_subtract: series((a, b) => a - b),
  series_multiply: series((a, b) => a * b),
  series_divide: series((a, b) => a / b),
  series_greater: series((a, b) => a > b),
  series_fill_const: ofArray('dynamic', (array, value = null) => array.map((each) => each ?? value)),
};

/** `value[index]`, `value.name` */
export function element(value: Expression, key: Expression): Expression {
  if (value.type !== 'dynamic') throw new KqlError(`an element of a ${value.type} is not known`);
  if (!isWhole(key.type) && key.type !== 'string') throw new KqlError(`an element at a ${key.type} is not known`);
  return pair('dynamic', value, key, elementOf);
}
