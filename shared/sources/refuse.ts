import type * as z from 'zod/mini';
import type { ParseResult } from '../model.ts';
import { cleanText } from './clean.ts';

type Refusal = Extract<ParseResult, { ok: false }>;

/**
 * The answer to a body that is no alert of the source.
 *
 * @param error what is wrong and what to do about it; never text from the body
 * @param path the field, such as `data.essentials.alertTargetIDs[0]`; empty for the whole body
 */
export function refuse(error: string, path: string): Refusal {
  return { ok: false, error, path };
}

/**
 * The answer to a body that is of the right product but not whole, from the first thing that its schema found.
 *
 * @param product what it should have been, with its article: `an Azure Monitor alert`
 * @param prefix where the checked part stands in the body
 */
export function refuseIssues(product: string, error: z.core.$ZodError, prefix = ''): Refusal {
  const issue = error.issues[0];
  const path = writePath(prefix, issue?.path ?? []);
  const expected = issue ? expectation(issue) : 'something else';
  const place = path === '' ? 'The body' : `The field ${path}`;
  return refuse(
    `${place} should be ${expected}: this is not ${product} as its sender writes it. Send it unchanged.`,
    path,
  );
}

const MAX_PATH_CHARACTERS = 240;

/** `['a', 'b', 0]` as `a.b[0]`; keys are the sender's text, so they are cleaned and bounded like all of it. */
function writePath(prefix: string, path: readonly PropertyKey[]): string {
  const written = path.reduce<string>((before, key) => {
    if (typeof key === 'number') return `${before}[${key}]`;
    return before === '' ? String(key) : `${before}.${String(key)}`;
  }, prefix);
  return cleanText(written, MAX_PATH_CHARACTERS);
}

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected === 'nonoptional' ? 'present' : `of type ${issue.expected}`;
    case 'invalid_value':
      return `one of ${issue.values.map(String).join(', ')}`;
    case 'too_big':
      return `at most ${issue.maximum} long`;
    case 'too_small':
      return `at least ${issue.minimum} long`;
    default:
      return 'in another form';
  }
}
