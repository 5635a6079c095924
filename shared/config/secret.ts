const HIDDEN = '[secret]';

/**
 * A value that never prints: text, JSON, inspection and template strings all give `[secret]`.
 * Only `reveal` gives it out; call that where the value leaves for the service it belongs to, and nowhere else.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  /** What `util.inspect` and the console show; the symbol is the registered one, so nothing of Node is imported. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return HIDDEN;
  }
}
