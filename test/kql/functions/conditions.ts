import { parseJson } from '../convert.ts';
import { KqlError } from '../error.ts';
import {
  asText,
  cast,
  commonType,
  computed,
  constant,
  type Expression,
  type ScalarFunction,
  single,
} from '../expression.ts';
import { isEmpty, type Type, type Value } from '../values.ts';

function test(check: (value: Value) => boolean): ScalarFunction {
  return ([value]) => single('bool', value ?? asText(value), check);
}

function to(type: Type): ScalarFunction {
  return ([value]) => {
    if (value === undefined) throw new KqlError(`nothing to make a ${type} of`);
    return cast(value, type);
  };
}

const not: ScalarFunction = (args) =>
  computed('bool', args, ([value = null]) => (value === null ? null : value !== true));

/** Only the branch that is taken is evaluated. A null condition is false. */
const caseOf: ScalarFunction = (args) => {
  const branches: { condition: Expression; value: Expression }[] = [];
  for (let at = 0; at + 2 < args.length; at += 2) {
    const [condition, value] = args.slice(at, at + 2);
    if (condition !== undefined && value !== undefined) branches.push({ condition, value });
  }
  const last = args.at(-1);
  if (last === undefined || args.length % 2 === 0) throw new KqlError('case takes pairs and a value for all others');
  const type = commonType([...branches.map(({ value }) => value.type), last.type]);
  const taken = branches.map(({ condition, value }) => ({ condition, value: cast(value, type) }));
  const otherwise = cast(last, type);
  return {
    type,
    constant: args.every((arg) => arg.constant),
    evaluate: (row, place) =>
      (taken.find(({ condition }) => condition.evaluate(row, place) === true)?.value ?? otherwise).evaluate(row, place),
  };
};

const coalesce: ScalarFunction = (args) => {
  const type = commonType(args.map((arg) => arg.type));
  return computed(
    type,
    args.map((arg) => cast(arg, type)),
    (values) => values.find((value) => !isEmpty(value)) ?? (type === 'string' ? '' : null),
  );
};

const parse: ScalarFunction = ([value]) => {
  if (value === undefined) throw new KqlError('parse_json of nothing');
  if (value.type === 'dynamic')
    return computed('dynamic', [value], ([is = null]) => (typeof is === 'string' ? parseJson(is) : is));
  return cast(value, 'dynamic');
};

const getType: ScalarFunction = ([value]) => constant('string', value?.type ?? 'null');

/** Conditions, conversions and tests for values that are not there. */
export const CONDITION_FUNCTIONS: Readonly<Record<string, ScalarFunction>> = {
  not,
  iff: caseOf,
  iif: caseOf,
  case: caseOf,
  coalesce,
  gettype: getType,
  isnull: test((value) => value === null),
  isnotnull: test((value) => value !== null),
  notnull: test((value) => value !== null),
  isempty: ([value]) => test(isEmpty)([value?.type === 'dynamic' ? asText(value) : (value ?? asText(value))]),
  isnotempty: ([value]) =>
    test((each) => !isEmpty(each))([value?.type === 'dynamic' ? asText(value) : (value ?? asText(value))]),
  tostring: to('string'),
  tolong: to('long'),
  toint: to('int'),
  toreal: to('real'),
  todouble: to('real'),
  tobool: to('bool'),
  todatetime: to('datetime'),
  totimespan: to('timespan'),
  toguid: to('guid'),
  todynamic: parse,
  parse_json: parse,
};
