import { BOUNDS } from './bounds.ts';
import { cleanText } from './clean.ts';
import { fieldsOf } from './read.ts';

export type Custom = Record<string, string>;

/**
 * What the sender chose to say (properties, labels, annotations, tags): strings only, cleaned and bounded. Where names
 * repeat, the later object wins; where there are too many, those of Headroom's own (`headroom_…`) are kept first.
 * `__proto__` does no harm: assigned a string, it is ignored.
 */
export function customOf(...sources: readonly unknown[]): Custom {
  const custom: Custom = {};
  let count = 0;
  for (const [name, value] of entriesOf(sources)) {
    const key = cleanText(name, BOUNDS.customNameCharacters);
    if (key === '') continue;
    if (!Object.hasOwn(custom, key)) {
      if (count >= BOUNDS.customEntries) continue;
      count += 1;
    }
    custom[key] = cleanText(value, BOUNDS.customValueCharacters);
  }
  return custom;
}

/** The custom property `resource` as sent, of the last object that has one: bounding it could cut the id in it. */
export function resourceProperty(...sources: readonly unknown[]): unknown {
  return sources.map((source) => fieldsOf(source)['resource']).findLast((value) => typeof value === 'string');
}

function entriesOf(sources: readonly unknown[]): [string, string][] {
  const entries = sources.flatMap((source) =>
    Object.entries(fieldsOf(source)).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
  if (entries.length <= BOUNDS.customEntries) return entries;
  const isOwn = ([name]: [string, string]) => name.startsWith('headroom_');
  return [...entries.filter(isOwn), ...entries.filter((entry) => !isOwn(entry))];
}

/** Facts that a source reads from a payload's own fields, as custom entries; missing ones are left out. */
export function factsOf(facts: Readonly<Record<string, string | undefined>>): Custom {
  const kept: Custom = {};
  for (const [name, value] of Object.entries(facts).slice(0, BOUNDS.factEntries))
    if (value !== undefined) kept[name] = cleanText(value, BOUNDS.customValueCharacters);
  return kept;
}
