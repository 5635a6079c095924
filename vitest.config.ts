import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Tests that run the bundles of the clouds, which are built once for them. Each has a process of its own, as those below. */
const OF_BUNDLES = [
  'test/functions/{app,telemetry}.test.ts',
  'test/infra/build.test.ts',
  'test/lambdas/{handlers,telemetry}.test.ts',
];

/**
 * Tests that put into their process what cannot be taken out again, and so get one of their own: bundles that `require` keeps,
 * globals of an app and of telemetry, and clients that read the environment once, or keep the first transport they get. All
 * others share a process, which spares each file its start and its imports, half a second; `test/setup-shared.ts` holds them
 * to leaving it as they found it.
 */
const OWN_PROCESS = [
  'test/functions/**/*.test.ts',
  'test/lambdas/**/*.test.ts',
  'test/infra/{aws-credentials,azure-proxy}.test.ts',
  'test/local/telemetry.test.ts',
  'test/shared/adapters/telemetry/**/*.test.ts',
  'test/shared/secrets/managed-identity.test.ts',
  'test/simulation/servers/real-clients.test.ts',
];

/**
 * Tests that take longest, dearest first: begun last, one of them would keep one core busy while the others are done. A fresh
 * clone knows no durations, and sizes of files say little of them.
 */
const DEAREST = [
  'test/accuracy/accuracy.test.ts',
  'test/local/live-evidence.test.ts',
  'test/shared/pipeline/answer.test.ts',
  'test/shared/pipeline/crash.test.ts',
  'test/cli/analyze/kinds.test.ts',
  'test/local/kill.test.ts',
  'test/shared/adapters/duckdb/same-answer.test.ts',
  'test/local/lever-storm.test.ts',
  'test/kql/evidence.test.ts',
  'test/shared/fixes/what-if.test.ts',
  'test/kql/findings.test.ts',
];

class DearestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const placeOf = ({ moduleId }: TestSpecification): number => {
      const place = DEAREST.findIndex((file) => moduleId.endsWith(file));
      return place < 0 ? DEAREST.length : place;
    };
    return sorted.toSorted((a, b) => placeOf(a) - placeOf(b));
  }
}

const everywhere = {
  // Generous: none says how long something may take, and other work may have the machine.
  testTimeout: 120_000,
  hookTimeout: 300_000,
  // Logs are played and answered from millions of short-lived objects: with more room for them a fifteenth of the work is spared.
  execArgv: ['--max-semi-space-size=64'],
};
const SETUP = 'test/setup.ts';

export default defineConfig({
  test: {
    // One more than cores, for some wait: for processes they kill, for a storm to end. On two cores 298 to 311 s against 348.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: DearestFirst },
    projects: [
      {
        test: {
          ...everywhere,
          name: 'shared',
          setupFiles: [SETUP, 'test/setup-shared.ts'],
          include: ['test/**/*.test.ts'],
          exclude: ['test/conformance/**', '**/node_modules/**', ...OWN_PROCESS, ...OF_BUNDLES],
          isolate: false,
          // Node runs the sources as they are; to transform each for every process took as long as the small tests themselves.
          experimental: { viteModuleRunner: false, nodeLoader: false },
        },
      },
      { test: { ...everywhere, name: 'own', setupFiles: [SETUP], include: OWN_PROCESS, exclude: OF_BUNDLES } },
      {
        test: {
          ...everywhere,
          name: 'bundles',
          setupFiles: [SETUP],
          globalSetup: ['test/setup-built.ts'],
          include: OF_BUNDLES,
        },
      },
    ],
  },
});
