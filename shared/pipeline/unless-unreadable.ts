import { isHeadroomError } from '../errors.ts';
import type { WorkDeps } from './deps.ts';

/** Runs a part of a sweep: what only a newer process can read is left to it, and keeps nothing else from being swept. */
export async function unlessUnreadable(
  deps: Pick<WorkDeps, 'log'>,
  what: string,
  run: () => Promise<void>,
): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!isHeadroomError(error) || (error.kind !== 'newer-version' && error.kind !== 'invalid')) throw error;
    deps.log.warn('not-swept', { what, kind: error.kind, error: error.message });
  }
}
