import { defineConfig } from 'vitest/config';

/** The contract suites, embedded ones and those on the platforms' own software; `run.ts` starts that first. */
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/conformance/**/*.test.ts', 'test/shared/adapters/**/*.test.ts'],
    setupFiles: ['test/setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
});
