import { convert, elementOf, toText } from '../convert.ts';
import { KqlError } from '../error.ts';
import { asText, computed, constantOf, type Expression, numberOf, type ScalarFunction, strict } from '../expression.ts';
import { regexOf } from '../text-operators.ts';
import { emptyOf, type Type, typeNamed, type Value } from '../values.ts';

/** A function of texts that gives one of `type`. */
function ofTexts(type: Type, compute: (...texts: string[]) => Value): ScalarFunction {
  return (args) => computed(type, args.map(asText), (values) => compute(...values.map(String)));
}

function joined(args: readonly Expression[], separator: string): Expression {
  return computed('string', args, (values) =>
    values.map((value, index) => toText(value, args[index]?.type ?? 'string')).join(separator),
  );
}

const strcat: ScalarFunction = (args) => joined(args, '');

const strcatDelim: ScalarFunction = ([separator, ...args]) =>
  joined(args, String(constantOf(separator, 'the separator of strcat_delim')));

const strcatArray: ScalarFunction = ([array, separator]) => {
  if (array === undefined) throw new KqlError('strcat_array of nothing');
  return computed('string', [array, asText(separator)], ([values, between]) =>
    Array.isArray(values) ? values.map((value) => toText(value, 'dynamic')).join(String(between)) : '',
  );
};

const substring: ScalarFunction = ([text, start, length]) => {
  if (start === undefined) throw new KqlError('substring without a start');
  return strict('string', [asText(text), start, ...(length === undefined ? [] : [length])], ([whole, from, count]) => {
    const characters = String(whole);
    const begin = Number(from) < 0 ? Math.max(0, characters.length + Number(from)) : Number(from);
    return characters.slice(begin, count === undefined ? undefined : begin + Math.max(0, Number(count)));
  });
};

const indexOf: ScalarFunction = ([text, sought, start]) => {
  const from = start === undefined ? 0 : numberOf(start, 'the start of indexof');
  return computed('long', [asText(text), asText(sought)], ([whole, part]) =>
    String(whole).indexOf(String(part), from < 0 ? String(whole).length + from : from),
  );
};

const split: ScalarFunction = ([text, separator, index]) => {
  const parts = computed('dynamic', [asText(text), asText(separator)], ([whole, between]) =>
    String(whole).split(String(between)),
  );
  if (index === undefined) return parts;
  return strict('dynamic', [parts, index], ([all = null, at = null]) => {
    const part = elementOf(all, at);
    return part === null ? [] : [part];
  });
};

/** `extract(regex, group, text [, typeof(type)])` */
const extract: ScalarFunction = ([pattern, group, text, wanted]) => {
  const regex = regexOf(constantOf(pattern, 'the regular expression of extract'));
  const at = numberOf(group, 'the group of extract');
  const type = wanted === undefined ? 'string' : typeNamed(String(constantOf(wanted, 'the type of extract')));
  return computed(type, [asText(text)], ([whole]) => {
    const found = regex.exec(String(whole))?.[at];
    return found === undefined ? emptyOf(type) : convert(found, 'string', type);
  });
};

const extractAll: ScalarFunction = ([pattern, text]) => {
  const regex = regexOf(constantOf(pattern, 'the regular expression of extract_all'), 'gu');
  return computed('dynamic', [asText(text)], ([whole]) => {
    const found = [...String(whole).matchAll(regex)].map(([all, ...groups]) =>
      groups.length === 0 ? all : groups.length === 1 ? (groups[0] ?? '') : groups.map((group) => group ?? ''),
    );
    return found.length === 0 ? null : found;
  });
};

const replaceRegex: ScalarFunction = ([text, pattern, by]) => {
  const regex = regexOf(constantOf(pattern, 'the regular expression of replace_regex'), 'gu');
  const rewrite = String(constantOf(by, 'the replacement of replace_regex')).replaceAll('$', '$$$$');
  const replacement = rewrite.replace(/\\(\d)/g, (_, digit: string) => (digit === '0' ? '$&' : `$${digit}`));
  return computed('string', [asText(text)], ([whole]) => String(whole).replace(regex, replacement));
};

function trimmed(atStart: boolean, atEnd: boolean): ScalarFunction {
  return ([pattern, text]) => {
    const source = String(constantOf(pattern, 'the regular expression of trim'));
    const [start, end] = [regexOf(`^(?:${source})`), regexOf(`(?:${source})$`)];
    return computed('string', [asText(text)], ([whole]) => {
      const begun = atStart ? String(whole).replace(start, '') : String(whole);
      return atEnd ? begun.replace(end, '') : begun;
    });
  };
}

const countOf: ScalarFunction = ([text, sought, kind]) => {
  if (kind !== undefined && constantOf(kind, 'the kind of countof') !== 'normal')
    throw new KqlError('countof of a regular expression is not known');
  return computed('long', [asText(text), asText(sought)], ([whole, part]) => {
    let count = 0;
    for (let at = String(whole).indexOf(String(part)); at >= 0; at = String(whole).indexOf(String(part), at + 1))
      count++;
    return count;
  });
};

/** @see https://learn.microsoft.com/kusto/query/scalar-functions#string-functions */
export const TEXT_FUNCTIONS: Readonly<Record<string, ScalarFunction>> = {
  strcat,
  strcat_delim: strcatDelim,
  strcat_array: strcatArray,
  substring,
  indexof: indexOf,
  split,
  extract,
  extract_all: extractAll,
  replace_regex: replaceRegex,
  countof: countOf,
  trim: trimmed(true, true),
  trim_start: trimmed(true, false),
  trim_end: trimmed(false, true),
  tolower: ofTexts('string', (text) => text.toLowerCase()),
  toupper: ofTexts('string', (text) => text.toUpperCase()),
  strlen: ofTexts('long', (text) => [...text].length),
  reverse: ofTexts('string', (text) => [...text].reverse().join('')),
  replace_string: ofTexts('string', (text, sought = '', by = '') => text.replaceAll(sought, () => by)),
  strcmp: ofTexts('long', (a, b = '') => (a < b ? -1 : a > b ? 1 : 0)),
};
