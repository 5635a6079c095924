import fc from 'fast-check';
import { afterAll, expect, vi } from 'vitest';

/**
 * The same cases at each run, so that a red test is a change and not luck. `FC_SEED=$RANDOM npm test` explores others; what
 * it finds becomes a case of its own.
 */
fc.configureGlobal({ seed: Number(process.env['FC_SEED'] ?? 20_261_120) });

/** What files that share a process could leave to each other; an environment is named, for its values may be secret. */
function left(): { folder: string; environment: string[] } {
  return { folder: process.cwd(), environment: Object.keys(process.env).sort() };
}

const before = left();
afterAll(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  expect(left(), 'what a file leaves to those that share its process').toEqual(before);
});
