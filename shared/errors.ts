/**
 * One error family, by kind: what the caller does about it. Retry is decided by kind, never by message text.
 *
 * A message says what failed, on which resource, and the operator's next step; never a secret, token or raw body.
 */
export type ErrorKind =
  /** The other side is down or slow: try again later. */
  | 'unavailable'
  /** The other side asked for fewer requests: try again after `retryAfterMs`. */
  | 'throttled'
  /** It took longer than allowed: try again later. */
  | 'timed-out'
  /** Credentials are missing, wrong, or lack a role: a person must act. */
  | 'denied'
  /** The thing does not exist. */
  | 'not-found'
  /** What was sent is wrong and will stay wrong. */
  | 'invalid'
  /** A bound was passed (size, count, budget). */
  | 'too-large'
  /** A newer version wrote this record: leave it to a newer process. */
  | 'newer-version'
  /** The process is misconfigured. */
  | 'configuration'
  /** A fault of ours. */
  | 'bug';

const RETRYABLE: ReadonlySet<ErrorKind> = new Set(['unavailable', 'throttled', 'timed-out', 'newer-version']);

export class HeadroomError extends Error {
  readonly kind: ErrorKind;
  /** What the operator can do about it. */
  readonly nextStep: string | undefined;
  /** Milliseconds that the other side asked to wait, when it said so. */
  readonly retryAfterMs: number | undefined;

  constructor(
    kind: ErrorKind,
    message: string,
    options: { cause?: unknown; nextStep?: string; retryAfterMs?: number } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'HeadroomError';
    this.kind = kind;
    this.nextStep = options.nextStep;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** True for an error of this family, also when it came from another copy of this module. */
export function isHeadroomError(error: unknown): error is HeadroomError {
  return error instanceof Error && error.name === 'HeadroomError' && 'kind' in error;
}

/** The error as one of the family: itself, or wrapped as `fallback` with its cause kept. */
export function asHeadroomError(error: unknown, fallback: ErrorKind, message: string): HeadroomError {
  return isHeadroomError(error) ? error : new HeadroomError(fallback, message, { cause: error });
}

export function isRetryable(error: unknown): boolean {
  return isHeadroomError(error) && RETRYABLE.has(error.kind);
}

/** Makes the compiler prove that a switch is exhaustive. */
export function assertNever(value: never): never {
  throw new HeadroomError('bug', `unexpected value: ${JSON.stringify(value)}`);
}
