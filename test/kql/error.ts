/** What the service calls a name that stands for nothing. */
export const UNRESOLVED = 'SEM0100';
/** What it calls a text that is no query. */
export const SYNTAX = 'SYN0002';

/**
 * A query that is wrong, which has the service's `code` then, or that says what this interpreter does not know. Never both a
 * result and an error.
 */
export class KqlError extends Error {
  override name = 'KqlError';
  readonly code: string | undefined;

  constructor(message: string, code?: string) {
    super(message);
    this.code = code;
  }
}
