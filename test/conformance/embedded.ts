/** What runs on one machine, held to the same contracts as the clouds; `npm test` runs these too. */
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Report } from './report.ts';
import { runSuites } from './suites.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** Every test beside an adapter that calls a suite of `test/contract/`: a port's new implementation is among them by itself. */
function contractTests(): string[] {
  return globSync('test/shared/adapters/**/*.test.ts', { cwd: ROOT })
    .filter((file) => /from '(?:\.\.\/)+contract\//.test(readFileSync(join(ROOT, file), 'utf8')))
    .sort();
}

export const embeddedStage = {
  title: 'Embedded stores, chats, and what is asked and changed over our own servers',
  run: (report: Report): Promise<void> => runSuites(report, contractTests(), {}),
};
