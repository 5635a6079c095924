import { KqlError } from './error.ts';
import { formatDatetime, formatTimespan, parseDatetime, parseTimespan } from './time.ts';
import { emptyOf, isBag, isNumeric, isWhole, type Type, type Value } from './values.ts';

const INT_MAX = 2_147_483_647;

/** `tostring()`: what a value reads as; empty where it is null. */
export function toText(value: Value, type: Type): string {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  if (type === 'datetime' && typeof value === 'number') return formatDatetime(value);
  if (type === 'timespan' && typeof value === 'number') return formatTimespan(value);
  if (type === 'real' && typeof value === 'number') return realText(value);
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function realText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  return Number.isInteger(value) && Math.abs(value) < 1e15 ? `${value}.0` : String(value);
}

/** What a value is inside a dynamic one: times as their text, numbers that JSON has none for as theirs. */
export function toDynamic(value: Value, type: Type): Value {
  if (value === null || typeof value !== 'number') return value;
  if (type === 'datetime' || type === 'timespan') return toText(value, type);
  return Number.isFinite(value) ? value : realText(value);
}

/** JSON as a dynamic value; a text that is none as it is. */
export function parseJson(text: string): Value {
  if (text === '') return null;
  try {
    return asValue(JSON.parse(text));
  } catch {
    return text;
  }
}

function asValue(parsed: unknown): Value {
  if (parsed === null || typeof parsed === 'boolean' || typeof parsed === 'number' || typeof parsed === 'string')
    return parsed;
  if (Array.isArray(parsed)) return parsed.map(asValue);
  return Object.fromEntries(Object.entries(Object(parsed)).map(([key, value]) => [key, asValue(value)]));
}

/** `tolong()`, `tostring()`, …: the value as one of another type, null (or an empty text) where it is none. */
export function convert(value: Value, from: Type, to: Type): Value {
  if (from === to || value === null) return to === 'string' && value === null ? '' : value;
  if (to === 'string') return toText(value, from);
  if (to === 'dynamic')
    return from === 'string' && typeof value === 'string' ? parseJson(value) : toDynamic(value, from);
  if (typeof value === 'object') return emptyOf(to);
  if (typeof value === 'string') return fromText(value, to);
  if (typeof value === 'boolean') return to === 'bool' ? value : isNumeric(to) ? Number(value) : null;
  return fromNumber(value, from, to);
}

function fromText(text: string, to: Type): Value {
  const trimmed = text.trim();
  switch (to) {
    case 'datetime':
      return parseDatetime(trimmed);
    case 'timespan':
      return parseTimespan(trimmed);
    case 'bool':
      return /^(true|1)$/i.test(trimmed) ? true : /^(false|0)$/i.test(trimmed) ? false : null;
    case 'real':
      return trimmed !== '' && !Number.isNaN(Number(trimmed)) ? Number(trimmed) : null;
    case 'int':
    case 'long':
      return /^[+-]?(\d+|0x[\da-f]+)$/i.test(trimmed) ? wholeOf(Number(trimmed), to) : null;
    case 'guid':
      return guidOf(trimmed);
    default:
      return emptyOf(to);
  }
}

function guidOf(text: string): string | null {
  const digits = text.replace(/[-{}]/g, '').toLowerCase();
  if (!/^[\da-f]{32}$/.test(digits)) return null;
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function fromNumber(value: number, from: Type, to: Type): Value {
  if (from === 'datetime' || from === 'timespan') {
    if (to === 'datetime' || to === 'timespan') return value;
    throw new KqlError(`${from} as a number is in ticks, which this interpreter does not hold: divide by a timespan`);
  }
  if (isWhole(to)) return Number.isFinite(value) ? wholeOf(Math.trunc(value), to) : null;
  if (to === 'real') return value;
  if (to === 'bool') return value !== 0;
  throw new KqlError(`a number as ${to} is in ticks, which this interpreter does not hold: multiply a timespan`);
}

function wholeOf(value: number, to: Type): number | null {
  if (to === 'int' && Math.abs(value) > INT_MAX) return null;
  if (!Number.isSafeInteger(value)) throw new KqlError(`whole number ${value} is beyond 2^53`);
  return value;
}

/** The JSON that an answer carries for a cell. */
export function toJson(value: Value, type: Type): unknown {
  if (value === null) return null;
  if (type === 'dynamic') return typeof value === 'string' ? value : JSON.stringify(value);
  if (typeof value !== 'number') return value;
  if (type === 'datetime') return formatDatetime(value).replace(/\.?0+Z$/, 'Z');
  if (type === 'timespan') return formatTimespan(value);
  return Number.isFinite(value) ? value : realText(value);
}

/** A cell of a table as given, in the words of its type: ISO 8601 for a datetime. */
export function fromGiven(given: unknown, type: Type): Value {
  if (given === null || given === undefined) return emptyOf(type);
  if (type === 'dynamic') return typeof given === 'string' ? parseJson(given) : asValue(given);
  if (typeof given === 'string') return type === 'string' ? given : convert(given, 'string', type);
  if (typeof given === 'number' && isNumeric(type)) return given;
  if (typeof given === 'boolean' && type === 'bool') return given;
  throw new KqlError(`${JSON.stringify(given)} is no ${type}`);
}

/** An element of an array or bag; null where there is none. An index below zero counts from the end. */
export function elementOf(value: Value, key: Value): Value {
  if (Array.isArray(value)) return typeof key === 'number' ? (value.at(key) ?? null) : null;
  return isBag(value) && typeof key === 'string' && Object.hasOwn(value, key) ? (value[key] ?? null) : null;
}
