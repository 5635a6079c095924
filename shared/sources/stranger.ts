import type { ParseResult } from '../model.ts';
import { productOf } from './products.ts';
import { refuse } from './refuse.ts';

/**
 * The answer to a body that belongs to another source or to none.
 *
 * @param expected what the source reads, with its article: `an Azure Monitor alert`
 * @param path the field that tells this source's bodies from others; empty where none does
 */
export function refuseStranger(body: unknown, expected: string, path: string): ParseResult {
  const product = productOf(body);
  if (product !== null) return refuse(`This is ${product.name}, not ${expected}. ${product.nextStep}`, path);
  const seen =
    body === null
      ? 'null'
      : Array.isArray(body)
        ? 'a list'
        : typeof body === 'object'
          ? 'an object'
          : `a ${typeof body}`;
  return refuse(`This is ${seen} of unknown origin, not ${expected}. Check which system posts to this route.`, path);
}
