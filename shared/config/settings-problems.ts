import type * as z from 'zod/mini';
import { nearest } from './nearest.ts';
import type { ConfigProblem } from './reader.ts';
import { knownKeys } from './schema-keys.ts';
import { settingsSchema } from './settings-schema.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

const SCHEMA_HINT = 'shared/settings.schema.json lists what may stand there.';

/** What is wrong with the settings, in words: one problem for most issues, one for each unknown key. */
export function describeIssue(issue: Issue, settings: unknown): ConfigProblem[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => {
      const known = knownKeys(settingsSchema(), issue.path);
      // Of one of several kinds, and given to another.
      if (known.includes(key))
        return problem([...issue.path, key], 'does not go with what stands beside it', SCHEMA_HINT);
      const next = `The nearest one is ${nearest(key, known)}. ${SCHEMA_HINT}`;
      return problem([...issue.path, key], 'is not a known key', next);
    });
  const meant = branchMeant(issue);
  if (meant !== null) return meant.flatMap((one) => describeIssue(one, settings));
  const value = valueAt(settings, issue.path);
  const text = value === undefined && issue.code === 'invalid_type' ? 'is missing' : describeRule(issue);
  return [problem(issue.path, text, nextStep(issue, value))];
}

/**
 * Of a value that may be of several kinds, what is wrong with it as the one kind that it is, by the path of the field; null
 * where it is of none, or may be meant as several.
 */
function branchMeant(issue: Issue): Issue[] | null {
  if (issue.code !== 'invalid_union') return null;
  const likely = issue.errors.filter((errors) =>
    errors.every(({ code, path }) => code !== 'invalid_type' || path.length > 0),
  );
  const [only, ...others] = likely;
  if (!only || others.length > 0) return null;
  return only.map((one) => ({ ...one, path: [...issue.path, ...one.path] }));
}

function problem(path: Path, text: string, next: string): ConfigProblem {
  return { name: 'HEADROOM_SETTINGS', problem: `${pathText(path)} ${text}`, nextStep: next };
}

function describeRule(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${/^[aeio]/.test(issue.expected) ? 'an' : 'a'} ${issue.expected}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return bound(issue.origin, issue.inclusive === false ? 'above' : 'at least', issue.minimum);
    case 'too_big':
      return bound(issue.origin, issue.inclusive === false ? 'below' : 'at most', issue.maximum);
    default:
      return issue.message;
  }
}

function bound(origin: string, relation: string, limit: number | bigint): string {
  if (origin === 'array') return `must have ${relation} ${limit} ${limit === 1 ? 'entry' : 'entries'}`;
  return `must be ${relation} ${limit}${origin === 'string' ? ' characters long' : ''}`;
}

function nextStep(issue: Issue, value: unknown): string {
  if (issue.code !== 'invalid_value' || typeof value !== 'string') return SCHEMA_HINT;
  return `Did you mean ${nearest(value, issue.values.map(String))}?`;
}

/** `routes[0].match.family`, `resources["/subscriptions/…"].owner`; `the file` for the whole. */
function pathText(path: Path): string {
  if (path.length === 0) return 'the file';
  const text = path.map((step) => {
    if (typeof step === 'number') return `[${step}]`;
    const name = String(step)
      .replace(/\p{Cc}/gu, '')
      .slice(0, 200);
    return /^[$\w]+$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
  });
  return text.join('').replace(/^\./, '');
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (here, step) => (typeof here === 'object' && here !== null ? Reflect.get(here, step) : undefined),
    value,
  );
}
