import { isLoopback } from './loopback.ts';
import { nearest } from './nearest.ts';
import { Secret } from './secret.ts';

/** What became of one value. The problem and the next step never repeat the value: it may be a secret in a wrong place. */
export type Parsed<T> = { ok: true; value: T } | { ok: false; problem: string; nextStep: string };
export type Parse<T> = (text: string) => Parsed<T>;

const MAX_CHARACTERS = 4096;
const CONTROL = /\p{Cc}/u;
/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const ROLE_ARN = /^arn:aws(?:-us-gov|-cn)?:iam::\d{12}:role\/(?:[!-~]{1,510}\/)?[\w+=,.@-]{1,64}$/;
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function good<T>(value: T): Parsed<T> {
  return { ok: true, value };
}

export function bad(problem: string, nextStep: string): { ok: false; problem: string; nextStep: string } {
  return { ok: false, problem, nextStep };
}

/** One line of at most 4,096 characters. */
export const text: Parse<string> = (value) => {
  if (value.length > MAX_CHARACTERS) return bad(`is longer than ${MAX_CHARACTERS} characters`, 'Shorten it.');
  if (CONTROL.test(value)) return bad('contains a line break or control character', 'Give it on one line.');
  return good(value);
};

/** One word: no white space inside, at most `max` characters. */
export function word(max: number): Parse<string> {
  return (value) => {
    if (/\s|\p{Cc}/u.test(value)) return bad('contains white space', 'Give one word.');
    return value.length > max ? bad(`is longer than ${max} characters`, 'Shorten it.') : good(value);
  };
}

export const secret: Parse<Secret> = hidden(word(MAX_CHARACTERS));

export const guid: Parse<string> = (value) =>
  GUID.test(value)
    ? good(value.toLowerCase())
    : bad('is not a GUID', 'Give it as 00000000-0000-0000-0000-000000000000.');

export const account: Parse<string> = (value) =>
  /^\d{12}$/.test(value) ? good(value) : bad('is no account of AWS', 'Give its twelve digits.');

/** With its path; a role of any partition. */
export const roleArn: Parse<string> = (value) =>
  ROLE_ARN.test(value)
    ? good(value)
    : bad('is not the ARN of a role', 'Give it as arn:aws:iam::123456789012:role/name, not that of a session.');

/** One of the words, upper and lower case alike. */
export function choice<const T extends string>(words: readonly T[]): Parse<T> {
  return (value) => {
    const found = words.find((known) => known === value.toLowerCase());
    if (found !== undefined) return good(found);
    return bad(`is none of ${words.join(', ')}`, `Did you mean ${nearest(value, words)}?`);
  };
}

/** Decimal digits alone: no sign, fraction, exponent or unit. */
export function wholeNumber(min: number, max: number): Parse<number> {
  return (value) => {
    const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
    if (number >= min && number <= max) return good(number);
    return bad(`is not a whole number from ${min} to ${max}`, 'Give digits alone, without unit.');
  };
}

/** A comma list, at least one member, each parsed alike; the problem tells which member. */
export function list<T>(member: Parse<T>): Parse<readonly T[]> {
  return (value) => {
    const members: T[] = [];
    for (const [index, part] of value.split(',').entries()) {
      const parsed = part.trim() === '' ? bad('is empty', 'Remove the surplus comma.') : member(part.trim());
      if (!parsed.ok) return bad(`member ${index + 1} ${parsed.problem}`, parsed.nextStep);
      members.push(parsed.value);
    }
    return good(members);
  };
}

/** A base URL, without trailing slash: `https`, or `http` to this machine; no user name, query or fragment. */
export const baseUrl: Parse<string> = (value) => {
  const parsed = safeUrl(value);
  if (!parsed.ok) return parsed;
  const { search, hash, href } = parsed.value;
  if (search !== '' || hash !== '') return bad('has a query or fragment', 'Give the part before ? and #.');
  return good(href.replace(/\/+$/, ''));
};

/** A base URL that may also be plain `http` to a link-local metadata address. */
export const metadataUrl: Parse<string> = (value) => {
  const url = URL.parse(value);
  const linkLocal = /^(?:169\.254\.\d{1,3}\.\d{1,3}|\[f(?:e80|d00:ec2):.*\])$/.test(url?.hostname ?? '');
  return linkLocal && url?.protocol === 'http:' && url.username === '' ? good(url.origin) : baseUrl(value);
};

/** A whole URL that is itself a secret, as a webhook is. */
export const secretUrl: Parse<Secret> = hidden((value) => {
  const parsed = safeUrl(value);
  return parsed.ok ? good(value) : parsed;
});

function safeUrl(value: string): Parsed<URL> {
  const url = value.length > MAX_CHARACTERS || /\s|\p{Cc}/u.test(value) ? null : URL.parse(value);
  if (url === null) return bad('is not a URL', 'Give it whole, with https:// before the host.');
  if (url.username !== '' || url.password !== '')
    return bad('carries a user name or password', 'Remove the part before @.');
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))) return good(url);
  return bad('is neither https nor http to this machine', 'Use https.');
}

function hidden(parse: Parse<string>): Parse<Secret> {
  return (value) => {
    const parsed = parse(value);
    return parsed.ok ? good(new Secret(parsed.value)) : parsed;
  };
}
