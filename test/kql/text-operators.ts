import { KqlError } from './error.ts';
import { asText, constantOf, type Expression, pair, single } from './expression.ts';
import { keyOf, type Value } from './values.ts';

type Test = (text: string, sought: string) => boolean;

const TERM = /[\p{L}\p{N}]/u;

/** Whether a term of the text, a run of letters and digits, is the one sought, begins or ends with it. */
function hasTerm(beginning: boolean, end: boolean): Test {
  return (text, sought) => {
    for (let at = text.indexOf(sought); at >= 0; at = text.indexOf(sought, at + 1)) {
      const begins = !beginning || at === 0 || !(isTerm(text[at - 1]) && isTerm(sought[0]));
      const after = at + sought.length;
      const ends = !end || after === text.length || !(isTerm(text[after]) && isTerm(sought.at(-1)));
      if (begins && ends) return true;
    }
    return false;
  };
}

function isTerm(character: string | undefined): boolean {
  return character !== undefined && TERM.test(character);
}

const TESTS: Readonly<Record<string, Test>> = {
  '=~': (text, sought) => text === sought,
  has: hasTerm(true, true),
  hasprefix: hasTerm(true, false),
  hassuffix: hasTerm(false, true),
  contains: (text, sought) => text.includes(sought),
  startswith: (text, sought) => text.startsWith(sought),
  endswith: (text, sought) => text.endsWith(sought),
};

/** `has`, `contains_cs`, `!startswith`, `=~` and their like. @see https://learn.microsoft.com/kusto/query/datatypes-string-operators */
export function textTest(operator: string, left: Expression, right: Expression): Expression | undefined {
  const negated = operator.startsWith('!');
  const plain = operator === '!~' ? '=~' : negated ? operator.slice(1) : operator;
  const exactCase = plain.endsWith('_cs');
  const test = TESTS[exactCase ? plain.slice(0, -3) : plain];
  if (test === undefined) return undefined;
  const fold = (text: Value): string => (exactCase ? String(text) : String(text).toLowerCase());
  return pair('bool', asText(left), asText(right), (text, sought) => test(fold(text), fold(sought)) !== negated);
}

export function matchesRegex(left: Expression, right: Expression): Expression {
  const pattern = regexOf(constantOf(right, 'a regular expression'));
  return single('bool', asText(left), (text) => pattern.test(String(text)));
}

/** Of RE2's syntax what JavaScript shares. */
export function regexOf(source: Value, flags = 'u'): RegExp {
  if (typeof source !== 'string') throw new KqlError('a regular expression must be a text');
  const insensitive = source.startsWith('(?i)');
  return new RegExp(insensitive ? source.slice(4) : source, insensitive ? `${flags}i` : flags);
}

/** `in`, `!in`, `in~`, `!in~` over the values that `members` gives. */
export function membership(operator: string, left: Expression, members: () => readonly Value[]): Expression {
  const negated = operator.startsWith('!');
  const folds = operator.endsWith('~');
  const key = (value: Value): string => keyOf(folds && typeof value === 'string' ? value.toLowerCase() : value);
  let set: ReadonlySet<string> | undefined;
  return {
    type: 'bool',
    constant: left.constant,
    evaluate(row, place) {
      set ??= new Set(
        members()
          .filter((member) => member !== null)
          .map(key),
      );
      return set.has(key(left.evaluate(row, place))) !== negated;
    },
  };
}

/** `has_any`, `has_all` */
export function hasMembers(operator: string, left: Expression, members: () => readonly Value[]): Expression {
  const test = hasTerm(true, true);
  let sought: readonly string[] | undefined;
  return single('bool', asText(left), (text) => {
    sought ??= members().map((member) => String(member).toLowerCase());
    const folded = String(text).toLowerCase();
    const has = (member: string): boolean => test(folded, member);
    return operator === 'has_any' ? sought.some(has) : sought.every(has);
  });
}
