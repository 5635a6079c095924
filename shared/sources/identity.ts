import { createHash } from 'node:crypto';

/**
 * A short stable name for what the parts say together: 16 hexadecimal characters of sha256. Missing parts count as empty,
 * and `['ab', 'c']` differs from `['a', 'bc']`.
 */
export function hashOf(parts: readonly (string | null | undefined)[]): string {
  const text = parts.map((part) => `${part?.length ?? 0}:${part ?? ''}`).join('\n');
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
