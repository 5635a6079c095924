import { KqlError } from './error.ts';

/** @see https://learn.microsoft.com/kusto/query/scalar-data-types/ */
const TYPES = ['bool', 'int', 'long', 'real', 'string', 'datetime', 'timespan', 'dynamic', 'guid'] as const;
export type Type = (typeof TYPES)[number];

/**
 * What a cell holds. The type of its column says what a number means: `datetime` is microseconds since 1970-01-01 and
 * `timespan` microseconds, whole ones, where the service counts tenths of them. Whole numbers are exact to 2^53, and an
 * operation that leaves this range is an error. A string is never null; inside a dynamic value a datetime is its text.
 */
export type Value = null | boolean | number | string | Value[] | Bag;
export type Bag = { [key: string]: Value };

export type Column = { name: string; type: Type };
export type Row = readonly Value[];

/** `serialized`: the order of the rows means something (operators that sort, and those that keep order after them). */
export type Table = { columns: readonly Column[]; rows: readonly Row[]; serialized: boolean };

const ALIASES: Readonly<Record<string, Type>> = {
  boolean: 'bool',
  date: 'datetime',
  double: 'real',
  time: 'timespan',
  uuid: 'guid',
  uniqueid: 'guid',
};

/** A type by any of its names. */
export function typeNamed(name: string): Type {
  const found = TYPES.find((type) => type === name) ?? ALIASES[name];
  if (found === undefined) throw new KqlError(`unknown type ${name}`);
  return found;
}

/** What a cell without a value holds. */
export function emptyOf(type: Type): Value {
  return type === 'string' ? '' : null;
}

export function isNumeric(type: Type): boolean {
  return type === 'int' || type === 'long' || type === 'real';
}

export function isWhole(type: Type): boolean {
  return type === 'int' || type === 'long';
}

export function isBag(value: Value): value is Bag {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isEmpty(value: Value): boolean {
  return value === null || value === '';
}

/** The same text for values that are equal, another one for others, also across types of number. */
export function keyOf(value: Value): string {
  if (typeof value === 'string') return `s${value}`;
  if (typeof value === 'number') return `n${Object.is(value, -0) ? 0 : value}`;
  return JSON.stringify(value);
}

/** One key for the values of several columns: the value itself where it is one that is compared by itself. */
export function keyOfAll(values: readonly Value[]): string | number | boolean | null {
  const [only = null] = values;
  if (values.length === 1 && typeof only !== 'object') return only;
  let key = '';
  for (const value of values) {
    const part = keyOf(value);
    key += `${part.length}:${part}`;
  }
  return key;
}

/** Order of two values of one type that are not null; text by code points, as ordinal comparison has it. */
export function compareValues(a: Value, b: Value): number {
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  return rankOf(a) - rankOf(b) || compareValues(JSON.stringify(a), JSON.stringify(b));
}

/** Numbers before texts before everything else. */
function rankOf(value: Value): number {
  if (typeof value === 'number' || typeof value === 'boolean') return 0;
  return typeof value === 'string' ? 1 : 2;
}

/** A whole number as it came out, or an error where it can no longer be told exactly. */
export function exact(value: number): number {
  if (Number.isFinite(value) && !Number.isSafeInteger(value))
    throw new KqlError(`whole number ${value} is beyond 2^53: this interpreter cannot hold it exactly`);
  return value;
}

/**
 * The rows in an order that nobody asked for, and always the same: what depends on an order that the service does not
 * promise then comes out wrong here too.
 */
export function shuffled(rows: readonly Row[]): readonly Row[] {
  const count = rows.length;
  let stride = Math.max(1, Math.floor(count * 0.618));
  while (greatestCommonDivisor(stride, count) > 1) stride++;
  const mixed: Row[] = [];
  for (let index = 0, at = Math.floor(count / 2); index < count; index++, at = (at + stride) % count) {
    const row = rows[at];
    if (row !== undefined) mixed.push(row);
  }
  return mixed;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** A table whose rows are in no order that means anything. */
export function unordered(columns: readonly Column[], rows: readonly Row[]): Table {
  return { columns, rows: shuffled(rows), serialized: false };
}
