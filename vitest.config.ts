import { defineConfig } from 'vitest/config';

/**
 * Rooms whose tests change nothing beyond themselves: no environment, no modules. They share a worker, which spares each file
 * its own start and imports.
 */
const SHARED_ROOMS =
  'actions,charts,chat,commands,config,diagnoses,doctor,evidence,fixes,incidents,pacing,secrets,sources';
const SHARED = `test/shared/{${SHARED_ROOMS}}/**/*.test.ts`;

const common = { setupFiles: ['test/setup.ts'], testTimeout: 60_000, hookTimeout: 60_000 };

export default defineConfig({
  test: {
    // The default leaves one core idle: on two cores that is half of the machine.
    maxWorkers: '100%',
    projects: [
      {
        test: {
          ...common,
          name: 'edges',
          include: ['test/**/*.test.ts'],
          exclude: ['test/conformance/**', '**/node_modules/**', SHARED],
        },
      },
      { test: { ...common, name: 'rules', include: [SHARED], isolate: false } },
    ],
  },
});
