import { afterAll, expect, vi } from 'vitest';

/** What files that share a process could leave to each other; of the environment the names, for values may be secret. */
function left(): { folder: string; environment: string[] } {
  return { folder: process.cwd(), environment: Object.keys(process.env).sort() };
}

const environment = process.env;
const before = left();
afterAll(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  expect(process.env, 'the environment that stubs are put into').toBe(environment);
  expect(left(), 'what a file leaves to those that share its process').toEqual(before);
});
