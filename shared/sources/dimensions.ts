import type { Resource } from '../model.ts';
import { BOUNDS } from './bounds.ts';
import { cleanText } from './clean.ts';
import { fieldsOf, listOf } from './read.ts';
import { parseResource } from './resource.ts';

export type Pair = readonly [name: string, value: string];

/** Names by which a dimension says which resource an alert is about, whatever their case. */
const RESOURCE_DIMENSION = /^_?resourceid$/i;

/**
 * Dimensions as they come: a list of `{name, value}` (or `{Name, Value}`, `{Key, Value}`) or an object. Anything that is
 * not text is left out.
 */
export function pairsOf(value: unknown): Pair[] {
  if (!Array.isArray(value))
    return Object.entries(fieldsOf(value)).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return listOf(value).flatMap((item): Pair[] => {
    const fields = fieldsOf(item);
    const name = fields['name'] ?? fields['Name'] ?? fields['key'] ?? fields['Key'];
    const text = fields['value'] ?? fields['Value'];
    return typeof name === 'string' && typeof text === 'string' ? [[name, text]] : [];
  });
}

/** The dimensions as a signal keeps them: cleaned and bounded. */
export function dimensionsOf(pairs: readonly Pair[]): Record<string, string> {
  const dimensions: Record<string, string> = {};
  for (const [rawName, value] of pairs.slice(0, BOUNDS.dimensions)) {
    const name = cleanText(rawName, BOUNDS.dimensionNameCharacters);
    if (name !== '') dimensions[name] = cleanText(value, BOUNDS.dimensionValueCharacters);
  }
  return dimensions;
}

/** The resources that dimensions name in full; a `ResourceId` that is a bare GUID names none. */
export function resourcesIn(pairs: readonly Pair[]): Resource[] {
  return pairs.flatMap(([name, value]) => (RESOURCE_DIMENSION.test(name) ? (parseResource(value) ?? []) : []));
}
