import { convert, toText } from './convert.ts';
import { KqlError } from './error.ts';
import { emptyOf, isNumeric, type Row, type Type, type Value } from './values.ts';

/** Where a row stands among those that its operator reads; the same object for all of them, and so not to be kept. */
export type Place = { rows: readonly Row[]; index: number };

/** A value for each row of an operator, in turn. */
export function eachRow<T>(rows: readonly Row[], use: (row: Row, place: Place) => T): T[] {
  const place: Place = { rows, index: 0 };
  return rows.map((row, index) => {
    place.index = index;
    return use(row, place);
  });
}

/** A scalar expression, ready to be asked for each row. */
export type Expression = {
  type: Type;
  /** The same for every row. */
  constant: boolean;
  evaluate(row: Row, place: Place): Value;
};

/** How a function is made from its arguments, which it may refuse. */
export type ScalarFunction = (args: readonly Expression[]) => Expression;

const NOWHERE: Place = { rows: [], index: 0 };

export function constant(type: Type, value: Value): Expression {
  return { type, constant: true, evaluate: () => value };
}

/** The value of an expression that must not depend on a row. */
export function constantOf(expression: Expression | undefined, what: string): Value {
  if (expression === undefined) throw new KqlError(`${what} is missing`);
  if (!expression.constant) throw new KqlError(`${what} must be constant`);
  return expression.evaluate([], NOWHERE);
}

export function numberOf(expression: Expression | undefined, what: string): number {
  const value = constantOf(expression, what);
  if (typeof value !== 'number') throw new KqlError(`${what} must be a number`);
  return value;
}

/** An expression of values, which are evaluated first; asked once if none of them depends on a row. */
export function computed(
  type: Type,
  args: readonly Expression[],
  compute: (values: readonly Value[]) => Value,
): Expression {
  const evaluate: Expression['evaluate'] = (row, place) => compute(args.map((arg) => arg.evaluate(row, place)));
  return args.every((arg) => arg.constant)
    ? lazily(type, () => evaluate([], NOWHERE))
    : { type, constant: false, evaluate };
}

/** The same of one value or two, which most expressions are of: without a list for each row. */
export function single(type: Type, of: Expression, compute: (value: Value) => Value): Expression {
  if (of.constant) return lazily(type, () => compute(of.evaluate([], NOWHERE)));
  return { type, constant: false, evaluate: (row, place) => compute(of.evaluate(row, place)) };
}

export function pair(
  type: Type,
  left: Expression,
  right: Expression,
  compute: (left: Value, right: Value) => Value,
): Expression {
  const evaluate: Expression['evaluate'] = (row, place) =>
    compute(left.evaluate(row, place), right.evaluate(row, place));
  return left.constant && right.constant
    ? lazily(type, () => evaluate([], NOWHERE))
    : { type, constant: false, evaluate };
}

function lazily(type: Type, compute: () => Value): Expression {
  let value: { is: Value } | undefined;
  return {
    type,
    constant: true,
    evaluate() {
      value ??= { is: compute() };
      return value.is;
    },
  };
}

/** Like `computed`, and without a value (an empty text) where an argument has none. */
export function strict(
  type: Type,
  args: readonly Expression[],
  compute: (values: readonly Value[]) => Value,
): Expression {
  return computed(type, args, (values) => (values.includes(null) ? emptyOf(type) : compute(values)));
}

/** The expression as one of another type. */
export function cast(expression: Expression, type: Type): Expression {
  const from = expression.type;
  return from === type ? expression : single(type, expression, (value) => convert(value, from, type));
}

/** The text that a text function reads: of a dynamic value what it says. */
export function asText(expression: Expression | undefined): Expression {
  if (expression === undefined) throw new KqlError('a text is missing');
  const { type } = expression;
  if (type === 'string') return expression;
  return single('string', expression, (value) => toText(value, type));
}

/** The type that values of several types become when they must be of one. */
export function commonType(types: readonly Type[]): Type {
  const distinct = [...new Set(types)];
  const [only] = distinct;
  if (distinct.length === 1 && only !== undefined) return only;
  if (distinct.every(isNumeric)) return distinct.includes('real') ? 'real' : 'long';
  if (distinct.includes('dynamic')) return 'dynamic';
  throw new KqlError(`no common type of ${distinct.join(', ')}`);
}
