/** Names as a list of text literals; they are our own, and hold neither quotes nor backslashes. */
export function listed(names: readonly string[]): string {
  return names.map((name) => `'${name}'`).join(', ');
}

/** A whole number, the same for equal texts, that stands for what they name: 53 bits, so that JSON keeps it too. */
export function idOf(...texts: readonly [string, ...string[]]): string {
  return `binary_and(hash(${texts.length === 1 ? texts[0] : `strcat(${texts.join(", '|', ")})`}), 9007199254740991)`;
}

/** Whether a sorted row begins another group than the row before. */
export function begins(by: readonly string[]): string {
  return by.map((name) => `${name} != prev(${name})`).join(' or ');
}

/**
 * Rows of `marks`, each with the columns of the first row of `later`, at or after it (`strictly`: after it), that is alike in
 * `by`; those that none follows are left out. Both have `by` and `at_us`; all that `later` gives besides is `heir` and the time
 * `heir_us`. What a join by time would do, which there is none of: sorted backwards, each later row opens a turn.
 *
 * @returns two statements, the last without its end, so that more may be added
 */
export function following(options: {
  name: string;
  marks: string;
  later: string;
  by: string;
  strictly?: boolean;
}): string {
  const { name, marks, later, by, strictly = false } = options;
  return `let ${name}_turns = materialize(union (${marks} | extend is_later = 0), (${later} | extend is_later = 1)
    | sort by ${by} asc, at_us desc, is_later ${strictly ? 'asc' : 'desc'}
    | extend turn = row_cumsum(is_later, ${begins([by])}));
let ${name} = ${name}_turns | where is_later == 0 and turn > 0 | project-away heir
    | join kind=inner (${name}_turns | where is_later == 1 | project ${by}, turn, heir, heir_us = at_us) on ${by}, turn`;
}

/** What is measured, and at which share of the sorted values: 0.5 is the median. */
type Quantile = { of: string; at: number };

/**
 * Quantiles of measures for each group, exactly, between neighbours in proportion: `percentile()` would estimate. One row for
 * each group that has any value; null where a measure has none.
 *
 * @param source a relation, which is read twice
 */
export function quantiles(source: string, by: readonly string[], measures: Readonly<Record<string, Quantile>>): string {
  const expressions = [...new Set(Object.values(measures).map(({ of }) => of))];
  const groups = by.join(', ');
  const values = `${source}
      | mv-expand with_itemindex=measure measured = pack_array(${expressions.join(', ')}) to typeof(real)
      | where isnotnull(measured) | project ${groups}, measure, measured`;
  const columns = Object.entries(measures).map(([name, { of, at }]) => {
    const mine = `measure == ${expressions.indexOf(of)}`;
    const away = `abs(place - ${at} * (held - 1))`;
    return `${name} = iff(countif(${mine}) > 0, sumif(measured * (1.0 - ${away}), ${mine} and ${away} < 1), real(null))`;
  });
  return `${values}
      | sort by ${by.map((name) => `${name} asc`).join(', ')}, measure asc, measured asc
      | extend place = row_number(0, ${begins([...by, 'measure'])})
      | lookup kind=inner (${values} | summarize held = count() by ${groups}, measure) on ${groups}, measure
      | summarize ${columns.join(',\n        ')} by ${groups}`;
}

/** How many of the rows of a group hold the condition, each counting for as many as it stands for. */
export function weighed(condition: string): string {
  return `sum(iff(${condition}, weight, 0))`;
}

/** First of the texts of a group in order, empty where all are: a minimum of texts, which `min()` does not promise to be. */
export function leastOf(text: string): string {
  return `tostring(array_sort_asc(make_set_if(${text}, isnotempty(${text})))[0])`;
}

/** A `let` statement: what it gives a name to, and every word in it, read once for all the texts that may name it. */
export type Statement = { text: string; name: string; words: readonly string[] };

/**
 * Of these `let` statements, in order, those that a text names, or that one of them does: a name stands for no more than
 * itself, but whatever stands in a query is analysed, by the service too.
 */
export function namedIn(text: string, statements: readonly Statement[]): string {
  const kept: string[] = [];
  const names = new Set(text.match(WORD));
  for (const statement of statements.toReversed()) {
    if (!names.has(statement.name)) continue;
    kept.unshift(statement.text);
    for (const word of statement.words) names.add(word);
  }
  return kept.join('\n');
}

const WORD = /\w+/g;

/** The `let` statements of a text; one begins at the start of a line, and only there. */
export function statementsOf(text: string): Statement[] {
  return text.split(/\n(?=let )/).map((statement) => {
    const words = statement.match(WORD) ?? [];
    return { text: statement, name: words[1] ?? '', words: [...new Set(words)] };
  });
}
