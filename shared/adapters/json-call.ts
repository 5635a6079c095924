import { asHeadroomError, HeadroomError } from '../errors.ts';
import { neverSent, problemOf, throttled } from './post-json.ts';

export type JsonCall = {
  /** What errors call the service: `GitHub`. */
  name: string;
  url: string;
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  headers: Readonly<Record<string, string>>;
  body?: unknown;
  timeoutMs: number;
  /** What the operator does when it is refused. */
  nextStep: string;
};

/** Enough for a hundred issues with their texts. */
const ANSWER_BYTES = 8 * 1024 * 1024;

/**
 * Asks a service that answers in JSON, without following redirects. Errors are told as `postJson` tells them; what counts
 * requests by headers of its own (`x-ratelimit-remaining`) is `throttled` as well.
 *
 * @returns status and the parsed answer; null for one without JSON
 */
export async function callJson(call: JsonCall, signal?: AbortSignal): Promise<{ status: number; body: unknown }> {
  const { name, url, method, headers, body, timeoutMs } = call;
  const timeout = AbortSignal.timeout(timeoutMs);
  const ends = signal ? AbortSignal.any([timeout, signal]) : timeout;
  let status: number;
  let text: string;
  let answered: Headers;
  try {
    const response = await fetch(url, {
      method,
      headers: { accept: 'application/json', 'content-type': 'application/json', ...headers },
      redirect: 'manual',
      signal: ends,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    status = response.status;
    answered = response.headers;
    text = await response.text();
  } catch (error) {
    if (ends.aborted) throw asHeadroomError(error, 'timed-out', `${name} gave no answer in time`);
    throw asHeadroomError(error, neverSent(error) ? 'unavailable' : 'timed-out', `${name} cannot be reached`);
  }
  if (status === 403 && (answered.get('x-ratelimit-remaining') === '0' || answered.has('retry-after')))
    throw throttled(`${name} answered 403, its rate is used up`, answered);
  const problem = problemOf(call, status, text.slice(0, 2048), answered);
  if (problem) throw problem;
  if (text.length > ANSWER_BYTES) throw new HeadroomError('too-large', `${name} answered more than was asked for`);
  return { status, body: parse(text) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
