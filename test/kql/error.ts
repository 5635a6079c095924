/** A query that is wrong, or that says what this interpreter does not know. Never both a result and an error. */
export class KqlError extends Error {
  override name = 'KqlError';
}
