import { convert, toText } from './convert.ts';
import { KqlError } from './error.ts';
import { type Expression, pair, single } from './expression.ts';
import { compareValues, exact, isNumeric, isWhole, keyOf, type Type, type Value } from './values.ts';

type Arithmetic = (a: number, b: number) => number;

const TIMES: Readonly<Record<string, Type>> = {
  'datetime - datetime': 'timespan',
  'datetime - timespan': 'datetime',
  'datetime + timespan': 'datetime',
  'timespan + datetime': 'datetime',
  'timespan + timespan': 'timespan',
  'timespan - timespan': 'timespan',
  'timespan / timespan': 'real',
  'timespan % timespan': 'timespan',
};

const OPERATIONS: Readonly<Record<string, Arithmetic>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': modulo,
};

/** Never below zero, whatever the signs. */
function modulo(a: number, b: number): number {
  const size = Math.abs(b);
  return ((a % size) + size) % size;
}

/** `+ - * / %` @see https://learn.microsoft.com/kusto/query/numerical-operators */
export function arithmetic(operator: string, left: Expression, right: Expression): Expression {
  const compute = OPERATIONS[operator];
  if (compute === undefined) throw new KqlError(`unknown operator ${operator}`);
  const apply = (type: Type, using: Arithmetic): Expression =>
    pair(type, left, right, (a, b) => (a === null || b === null ? null : using(Number(a), Number(b))));
  if (isWhole(left.type) && isWhole(right.type))
    return apply('long', operator === '/' || operator === '%' ? wholeQuotient(operator, compute) : exactly(compute));
  if (isNumeric(left.type) && isNumeric(right.type)) return apply('real', compute);
  const type = TIMES[`${left.type} ${operator} ${right.type}`];
  if (type === 'real') return apply(type, (a, b) => (a * 10) / (b * 10));
  if (type !== undefined) return apply(type, exactly(compute));
  const scales =
    operator === '*'
      ? (left.type === 'timespan' && isNumeric(right.type)) || (right.type === 'timespan' && isNumeric(left.type))
      : operator === '/' && left.type === 'timespan' && isNumeric(right.type);
  if (scales) return apply('timespan', (a, b) => exact(Math.trunc(compute(a, b))));
  throw new KqlError(`${left.type} ${operator} ${right.type} is not known`);
}

function exactly(compute: Arithmetic): Arithmetic {
  return (a, b) => exact(compute(a, b));
}

/** Whole numbers are divided towards zero. By zero nothing is documented, so it is an error. */
function wholeQuotient(operator: string, compute: Arithmetic): Arithmetic {
  return (a, b) => {
    if (b === 0) throw new KqlError(`whole number ${operator} 0`);
    return Math.trunc(compute(a, b)) + 0;
  };
}

export function negative(operand: Expression): Expression {
  const type = operand.type === 'int' ? 'long' : operand.type;
  return single(type, operand, (value) => (value === null ? null : 0 - Number(value)));
}

/** Two operands as values that can be compared: a dynamic one becomes what the other is. */
function comparable(left: Expression, right: Expression): readonly [Expression, Expression] {
  if (left.type === right.type || (isNumeric(left.type) && isNumeric(right.type))) return [left, right];
  if (left.type === 'dynamic') return [asOther(left, right.type), right];
  if (right.type === 'dynamic') return [left, asOther(right, left.type)];
  if (left.type === 'string') return [left, asOther(right, 'string')];
  if (right.type === 'string') return [asOther(left, 'string'), right];
  throw new KqlError(`${left.type} cannot be compared with ${right.type}`);
}

function asOther(expression: Expression, type: Type): Expression {
  const from = expression.type;
  return single(type, expression, (value) => (type === 'string' ? toText(value, from) : convert(value, from, type)));
}

/** `== !=`: with one null they are decided, with two they are null. */
export function equality(operator: '==' | '!=', left: Expression, right: Expression): Expression {
  const [a, b] = comparable(left, right);
  const wanted = operator === '==';
  return pair('bool', a, b, (first, second) => {
    if (first === null && second === null) return null;
    return areEqual(first, second) === wanted;
  });
}

function areEqual(a: Value, b: Value): boolean {
  if (a === null || b === null) return false;
  return typeof a === 'object' || typeof b === 'object' ? keyOf(a) === keyOf(b) : a === b;
}

const ORDERS: Readonly<Record<string, (order: number) => boolean>> = {
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

/** `< <= > >=` */
export function ordering(operator: string, left: Expression, right: Expression): Expression {
  const holds = ORDERS[operator];
  if (holds === undefined) throw new KqlError(`unknown operator ${operator}`);
  const [a, b] = comparable(left, right);
  return pair('bool', a, b, (first, second) => {
    if (first === null || second === null) return null;
    const order = compareValues(first, second);
    return !Number.isNaN(order) && holds(order);
  });
}

/** `and or`: decided by one side where that is enough, else null where a side is. */
export function logical(operator: 'and' | 'or', left: Expression, right: Expression): Expression {
  const decisive = operator === 'or';
  return {
    type: 'bool',
    constant: left.constant && right.constant,
    evaluate(row, place) {
      const first = left.evaluate(row, place);
      if (first === decisive) return decisive;
      const second = right.evaluate(row, place);
      return second === decisive ? decisive : first === null || second === null ? null : !decisive;
    },
  };
}

/** `between (from .. to)`, both included; `to` may be a timespan after `from`. */
export function between(operator: string, value: Expression, from: Expression, to: Expression): Expression {
  const end = value.type === 'datetime' && to.type === 'timespan' ? arithmetic('+', from, to) : to;
  const inside = logical('and', ordering('>=', value, from), ordering('<=', value, end));
  return operator === 'between' ? inside : single('bool', inside, (is) => (is === null ? null : !is));
}
