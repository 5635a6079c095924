import { asHeadroomError, type ErrorKind, HeadroomError } from '../errors.ts';
import { retryAfterMs } from '../pacing/retry-after.ts';

export type PostTarget = {
  /** What errors call it: `the Slack webhook`. Its address is a secret and is never named. */
  name: string;
  url: string;
  timeoutMs: number;
  /** What the operator does when the address is refused. */
  nextStep: string;
  /** Default POST. GET and HEAD carry no body. */
  method?: 'POST' | 'PUT' | 'GET' | 'HEAD';
  headers?: Readonly<Record<string, string>>;
};

/** Longer waits are cut: an hour is past every chat platform's own windows, and past an alert's use. */
const LONGEST_WAIT_MS = 60 * 60_000;

/** Enough of an answer to read its error code. */
const ANSWER_MAX = 2048;

/**
 * Sends JSON to a secret address, without following redirects, within `timeoutMs` for everything including the answer.
 *
 * Answers status and the first 2 KB of the body for 2xx. Everything else is a `HeadroomError`: 429 `throttled`; 408 and
 * 5xx `unavailable`, as is what cannot be connected to; `timed-out` where it may have arrived all the same: no answer in
 * time, a connection that broke, a gateway that heard no answer (502, 504); 401, 403, 404 and 410 `denied`; other 4xx and
 * redirects `invalid`. No error, cause included, holds the address.
 */
export async function postJson(
  target: PostTarget,
  body: unknown,
  signal?: AbortSignal,
): Promise<{ status: number; body: string }> {
  const { status, body: said, headers } = await exchange(target, body, signal);
  const problem = problemOf(target, status, said, headers);
  if (problem) throw problem;
  return { status, body: said };
}

/**
 * As `postJson`, with any answer for an answer: whoever asks judges its status.
 *
 * @throws HeadroomError `unavailable` or `timed-out` where there is none
 */
export async function exchange(
  target: PostTarget,
  body: unknown,
  signal?: AbortSignal,
): Promise<{ status: number; headers: Headers; body: string }> {
  const timeout = AbortSignal.timeout(target.timeoutMs);
  const both = signal ? AbortSignal.any([timeout, signal]) : timeout;
  const isBodiless = target.method === 'GET' || target.method === 'HEAD';
  try {
    const response = await fetch(target.url, {
      method: target.method ?? 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8', ...target.headers },
      ...(isBodiless ? {} : { body: JSON.stringify(body) }),
      redirect: 'manual',
      signal: both,
    });
    return { status: response.status, headers: response.headers, body: (await response.text()).slice(0, ANSWER_MAX) };
  } catch (error) {
    const failure: [ErrorKind, string] = both.aborted
      ? ['timed-out', `${target.name} gave no answer within ${target.timeoutMs} ms`]
      : neverSent(error)
        ? ['unavailable', `${target.name} cannot be reached: ${networkReason(error)}`]
        : ['timed-out', `the connection to ${target.name} broke before its answer: ${networkReason(error)}`];
    throw asHeadroomError(error, ...failure);
  }
}

/** The failure that a status stands for; undefined for 2xx. */
export function problemOf(
  target: Pick<PostTarget, 'name' | 'nextStep'>,
  status: number,
  body: string,
  headers: Headers,
): HeadroomError | undefined {
  if (status >= 200 && status < 300) return undefined;
  const said = `${target.name} answered ${status}${codeIn(body)}`;
  if (status === 429) return throttled(said, headers);
  if (status === 502 || status === 504)
    return new HeadroomError('timed-out', `${said}: it may have arrived behind this gateway`);
  if (status === 408 || status >= 500) return new HeadroomError('unavailable', said);
  if (status >= 300 && status < 400)
    return new HeadroomError('invalid', `${said}, a redirect, which is not followed`, { nextStep: target.nextStep });
  if ([401, 403, 404, 410].includes(status)) return new HeadroomError('denied', said, { nextStep: target.nextStep });
  return new HeadroomError('invalid', said, { nextStep: target.nextStep });
}

/** The error of a 429, with the wait it asks for, at most an hour. */
export function throttled(message: string, headers: Headers): HeadroomError {
  const waitMs = retryAfterMs((name) => headers.get(name), Date.now(), LONGEST_WAIT_MS);
  return new HeadroomError('throttled', message, waitMs === null ? {} : { retryAfterMs: waitMs });
}

/** Slack and Power Automate answer with a short code; anything else in the body stays unread. */
function codeIn(body: string): string {
  const code = /^[a-z_]{3,60}$/.exec(body.trim())?.[0] ?? /"code"\s*:\s*"([A-Za-z]{3,60})"/.exec(body)?.[1];
  return code === undefined ? '' : ` (${code})`;
}

/** `ECONNREFUSED` and the like; the text of such errors may name the address. */
function networkReason(error: unknown): string {
  return networkCode(error) ?? 'network error';
}

/** Codes of connections that never came about: no name, no route, nobody there, no trust. */
const NOT_CONNECTED =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_[A-Z]+|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT|CERT_\w+|\w*_CERT\w*|ERR_TLS_\w+|UNABLE_TO_\w+)$/;

/**
 * Whether a failed `fetch` certainly sent nothing. Whatever else a connection fails with (reset, closed, unknown) may
 * have come after the request was taken.
 */
export function neverSent(error: unknown): boolean {
  const code = networkCode(error);
  return code !== undefined && NOT_CONNECTED.test(code);
}

function networkCode(error: unknown): string | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/**
 * A secret address, checked once: https, or http on loopback for emulators; with `endpoint` its scheme and host are
 * replaced. The error names the setting, never the value.
 */
export function secretUrl(setting: string, value: string, endpoint?: string): string {
  const problem = (what: string) =>
    new HeadroomError('configuration', `${setting} ${what}`, { nextStep: `Copy the address again into ${setting}.` });
  if (!URL.canParse(value)) throw problem('is no URL');
  const url = new URL(value);
  if (endpoint !== undefined) {
    if (!URL.canParse(endpoint)) throw problem('has an endpoint that is no URL');
    const base = new URL(endpoint);
    url.protocol = base.protocol;
    url.host = base.host;
  }
  const loopback = ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && loopback)) throw problem('must be an https address');
  if (url.username !== '' || url.password !== '') throw problem('must not hold a user name');
  return url.href;
}
