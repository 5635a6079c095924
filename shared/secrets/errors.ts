export type SecretsErrorKind = 'not-found' | 'forbidden' | 'bad-reference' | 'unavailable';

/** What failed, on which key or secret, and the operator's next step; never a value, a token or a body. */
export class SecretsError extends Error {
  readonly kind: SecretsErrorKind;
  /** App Configuration key, where one was asked for. */
  readonly key: string | undefined;
  readonly label: string | undefined;
  /** `https://<vault>/secrets/<name>[/<version>]`, where known. */
  readonly secretId: string | undefined;

  constructor(
    kind: SecretsErrorKind,
    message: string,
    about: {
      key?: string | undefined;
      label?: string | undefined;
      secretId?: string | undefined;
      cause?: unknown;
    } = {},
  ) {
    super(message, about.cause === undefined ? undefined : { cause: describeCause(about.cause) });
    this.name = 'SecretsError';
    this.kind = kind;
    this.key = about.key;
    this.label = about.label;
    this.secretId = about.secretId;
  }

  /** The same failure, told as that of an App Configuration key. */
  ofKey(key: string, label: string | undefined): SecretsError {
    const where = label === undefined ? `key '${clean(key)}'` : `key '${clean(key)}' (label '${clean(label)}')`;
    const error = new SecretsError(this.kind, `${where}: ${this.message}`, { key, label, secretId: this.secretId });
    if (this.cause !== undefined) error.cause = this.cause;
    return error;
  }
}

/** True for an error of this family, also when it came from another copy of this module. */
export function isSecretsError(error: unknown): error is SecretsError {
  return error instanceof Error && error.name === 'SecretsError' && 'kind' in error;
}

const CAUSE_CHARACTERS = 300;

/**
 * The cause without what hangs on it: clients keep the request with its token and the response with its body, and quote the
 * body in messages about answers that could not be parsed.
 */
function describeCause(cause: unknown): Error {
  if (!(cause instanceof Error)) return new Error('not an Error');
  if (isSecretsError(cause)) return cause;
  const read = (name: string): unknown => Reflect.get(cause, name);
  const status = read('statusCode');
  const code = read('code');
  const parsing = code === 'PARSE_ERROR' || cause instanceof SyntaxError || status === 200;
  const error = new Error(parsing ? 'the answer could not be parsed' : clean(cause.message, CAUSE_CHARACTERS));
  error.name = cause.name;
  if (typeof code === 'string') Object.assign(error, { code });
  if (typeof status === 'number') Object.assign(error, { statusCode: status });
  return error;
}

/** Text from outside for a message: one line, bounded, no control characters. */
export function clean(text: string, max = 200): string {
  const plain = text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ');
  return plain.length > max ? `${plain.slice(0, max)}…` : plain;
}
