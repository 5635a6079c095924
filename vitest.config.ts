import { defineConfig } from 'vitest/config';

/**
 * Tests that put into their process what cannot be taken out again, and so get one of their own: bundles that `require` keeps,
 * globals of an app and of telemetry, and clients that read the environment once. All others share a process, which spares each
 * file its start and its imports, half a second; `test/setup-shared.ts` holds them to leaving it as they found it.
 */
const OWN_PROCESS = [
  'test/functions/**/*.test.ts',
  'test/lambdas/**/*.test.ts',
  'test/infra/{aws-credentials,azure-proxy}.test.ts',
  'test/local/telemetry.test.ts',
  'test/shared/adapters/telemetry/**/*.test.ts',
  'test/simulation/servers/real-clients.test.ts',
];

/** Generous: none says how long something may take, and other work may have the machine. */
const timeouts = { testTimeout: 120_000, hookTimeout: 300_000 };
const SETUP = 'test/setup.ts';

export default defineConfig({
  test: {
    // One more than two cores: while one waits for a server or a process of its own, another works.
    maxWorkers: '150%',
    projects: [
      {
        test: {
          ...timeouts,
          name: 'shared',
          setupFiles: [SETUP, 'test/setup-shared.ts'],
          include: ['test/**/*.test.ts'],
          exclude: ['test/conformance/**', '**/node_modules/**', ...OWN_PROCESS],
          isolate: false,
        },
      },
      { test: { ...timeouts, name: 'own', setupFiles: [SETUP], include: OWN_PROCESS } },
    ],
  },
});
