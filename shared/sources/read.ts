import { BOUNDS } from './bounds.ts';
import { cleanText } from './clean.ts';

/**
 * Lenient readers for the parts of a payload on which vendors contradict their own documents: the same field is a
 * number in one sample and a string in the next. What does not fit is left out; it never refuses an alert.
 */
export type Fields = Readonly<Record<string, unknown>>;

const NOTHING: Fields = Object.freeze({});

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object, or an empty one. */
export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : NOTHING;
}

/** The list, or an empty one. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Cleaned text of a string or number; undefined when empty or anything else. */
export function textOf(value: unknown, maxCharacters: number = BOUNDS.nameCharacters): string | undefined {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (typeof value !== 'string') return undefined;
  const text = cleanText(value, maxCharacters);
  return text === '' ? undefined : text;
}

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?$/i;

/** A finite number, also when it came as a decimal string; undefined otherwise. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string' || value.length > 40 || !DECIMAL.test(value.trim())) return undefined;
  const parsed = Number(value);
  return Number.isFinite(parsed) ? parsed : undefined;
}

/** The first number in a text that carries a unit or a currency: `0.45 sec`, `$11,111.00`. */
export function leadingNumberOf(value: unknown): number | undefined {
  if (typeof value !== 'string') return numberOf(value);
  const match = /-?\d[\d,]*(?:\.\d+)?/.exec(value.slice(0, 60));
  return match ? numberOf(match[0].replaceAll(',', '')) : undefined;
}

/** The object written as JSON text in a field, or an empty one when it is missing or no valid JSON. */
export function jsonFieldsOf(value: unknown): Fields {
  if (typeof value !== 'string' || !value.startsWith('{')) return fieldsOf(value);
  try {
    return fieldsOf(JSON.parse(value));
  } catch {
    // Official samples carry broken JSON here; the rest of the payload is still good.
    return NOTHING;
  }
}
