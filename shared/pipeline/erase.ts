/** What a person is known by, and what stands in the place of it from now on. */
export type Erasure = { names: readonly string[]; pseudonym: string };

/** Fields that say who; where one of them is the person, the fields beside it that name a person are theirs as well. */
const WHO = new Set(['by', 'id', 'objectId', 'user', 'userId', 'upn']);
const NAMED = new Set(['name', 'displayName', 'userName']);

/** Records that quote a payload hold it as text of JSON. */
const DEPTH = 60;

/**
 * The value without the person: each of their names, whole and in any case, replaced by the pseudonym, in keys and in texts,
 * also in texts that are themselves JSON.
 *
 * @returns the same value and `places` 0 when the person does not occur in it
 */
export function erase<T>(value: T, erasure: Erasure): { value: T; places: number };
export function erase(value: unknown, erasure: Erasure): { value: unknown; places: number } {
  const count = { places: 0 };
  const erased = eraseValue(value, { pattern: patternOf(erasure.names), pseudonym: erasure.pseudonym, count }, 0);
  return count.places === 0 ? { value, places: 0 } : { value: erased, places: count.places };
}

type Run = { pattern: RegExp; pseudonym: string; count: { places: number } };

function eraseValue(value: unknown, run: Run, depth: number): unknown {
  if (typeof value === 'string') return eraseText(value, run, depth);
  if (typeof value !== 'object' || value === null || depth > DEPTH) return value;
  if (Array.isArray(value)) return value.map((member: unknown) => eraseValue(member, run, depth + 1));
  const isTheirs = Object.entries(value).some(([key, member]) => WHO.has(key) && isPerson(member, run));
  return Object.fromEntries(
    Object.entries(value).map(([key, member]: [string, unknown]) => {
      if (isTheirs && NAMED.has(key) && typeof member === 'string' && member !== run.pseudonym) {
        run.count.places += 1;
        return [key, run.pseudonym];
      }
      return [replaceIn(key, run), eraseValue(member, run, depth + 1)];
    }),
  );
}

function isPerson(value: unknown, { pattern, pseudonym }: Run): boolean {
  if (typeof value !== 'string') return false;
  // Ids of chats carry their platform before them: `slack:T0123/U0456`.
  return /^(?:[a-z]+:)?$/.test(value.replace(pattern, '').replace(pseudonym, '')) && value.length > 0;
}

function eraseText(text: string, run: Run, depth: number): string {
  const quoted = depth <= DEPTH ? jsonOf(text) : undefined;
  if (quoted === undefined) return replaceIn(text, run);
  const before = run.count.places;
  const erased = eraseValue(quoted, run, depth + 1);
  // As it was written, where nothing is to be changed: it is known by its hash.
  return run.count.places === before ? text : JSON.stringify(erased);
}

function jsonOf(text: string): object | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function replaceIn(text: string, { pattern, pseudonym, count }: Run): string {
  return text.replace(pattern, () => {
    count.places += 1;
    return pseudonym;
  });
}

const SYNTAX = /[\^$\\.*+?()[\]{}|/]/g;

/** Whole names alone: forgetting `ann@example.org` leaves `joann@example.org` and `ann@example.org.au` as they are. */
function patternOf(names: readonly string[]): RegExp {
  const longestFirst = [...names].sort((a, b) => b.length - a.length).map((name) => name.replace(SYNTAX, '\\$&'));
  return new RegExp(
    `(?<![\\p{L}\\p{N}_@+-]|[\\p{L}\\p{N}]\\.)(?:${longestFirst.join('|')})(?![\\p{L}\\p{N}_@+-]|\\.[\\p{L}\\p{N}])`,
    'giu',
  );
}
