import type { Random } from '../random.ts';
import type { Operation } from './instance.ts';

/** What a process keeps so as not to ask again. */
export type Keep = {
  holds(operation: Operation, nowMs: number): boolean;
  put(operation: Operation, nowMs: number): void;
  /** A process that starts has nothing yet. */
  clear(): void;
};

const VALUES = ['SecretGet', 'CertificateGet', 'KeyGet'];

/**
 * A cache of values. A process that had run before the log begins holds everything: what it has not asked for yet expires
 * at a random moment of the first period.
 */
export function keepValues(ttlMs: number, fromMs: number, random: Random): Keep {
  return keepItems(VALUES, ttlMs, fromMs, random);
}

const BY_PUBLIC_KEY = ['KeyVerify', 'KeyEncrypt', 'KeyWrap'];
const DATA_KEYS = ['KeyUnwrap', 'KeyDecrypt'];

/**
 * Verifies, encrypts and wraps with the public key by itself, and keeps each data key that it unwrapped as long as it runs.
 * One that had run before the log begins has unwrapped them all.
 */
export function keepDataKeys(): Keep {
  const known = new Set<string>();
  let warm = true;
  return {
    holds: (operation) =>
      BY_PUBLIC_KEY.includes(operation.name) ||
      (DATA_KEYS.includes(operation.name) && (warm || known.has(idOf(operation)))),
    put: (operation) => {
      known.add(idOf(operation));
    },
    clear() {
      warm = false;
      known.clear();
    },
  };
}

function idOf({ path, item }: Operation): string {
  return item === undefined ? path : `${path} ${item}`;
}

function keepItems(operations: readonly string[], ttlMs: number, fromMs: number, random: Random): Keep {
  const until = new Map<string, number>();
  let warm = true;
  return {
    holds(operation, nowMs) {
      if (!operations.includes(operation.name)) return false;
      const id = idOf(operation);
      if (warm && !until.has(id)) until.set(id, fromMs + random() * ttlMs);
      return (until.get(id) ?? 0) > nowMs;
    },
    put(operation, nowMs) {
      if (operations.includes(operation.name)) until.set(idOf(operation), nowMs + ttlMs);
    },
    clear() {
      warm = false;
      until.clear();
    },
  };
}
