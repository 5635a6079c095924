import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { RanTest } from './contracts.ts';
import { endWithUs } from './emulator.ts';
import type { Report } from './report.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const VITEST = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
const CONFIG = join(import.meta.dirname, 'vitest.config.ts');

/** The part of vitest's JSON report that is read. */
type Results = {
  testResults: {
    name: string;
    message?: string;
    assertionResults: { ancestorTitles: string[]; title: string; status: string; failureMessages?: string[] }[];
  }[];
};

type Suite = { passed: number; failures: string[] };

/** Most of these wait for a visibility to run out, or for an emulator. */
const AT_ONCE = 3;

/**
 * Runs test files, given as the beginnings of their names below the project or `test/conformance/`, in a process of its own
 * that sees the given environment beside this one's, and reports one line a suite: what ran on which implementation, and how
 * many tests.
 */
export async function runSuites(
  report: Report,
  files: readonly string[],
  environment: Record<string, string>,
): Promise<void> {
  const outFolder = mkdtempSync(join(tmpdir(), 'headroom-suites-'));
  const outFile = join(outFolder, 'results.json');
  try {
    const child = spawn(
      process.execPath,
      [
        VITEST,
        'run',
        ...['--config', CONFIG, '--reporter=json', `--outputFile=${outFile}`, `--maxWorkers=${AT_ONCE}`],
        ...files.map((file) => (file.startsWith('test/') ? file : join('test/conformance', file))),
      ],
      // Only what tests say of their measurements is shown; vitest's own words stand in the report.
      { cwd: ROOT, env: { ...process.env, ...environment, NO_COLOR: '1' }, stdio: ['ignore', 'ignore', 'inherit'] },
    );
    endWithUs(child);
    await once(child, 'exit');
    const results: Results = JSON.parse(readFileSync(outFile, 'utf8'));
    report.ran(testsOf(results));
    for (const [title, { passed, failures }] of suitesOf(results))
      await report.check(`${title}: ${passed} of ${passed + failures.length} tests`, () => {
        if (failures.length > 0) throw new Error(failures.join('\n'));
      });
  } finally {
    rmSync(outFolder, { recursive: true, force: true });
  }
}

function testsOf({ testResults }: Results): RanTest[] {
  return testResults.flatMap(({ assertionResults }) =>
    assertionResults.map(({ ancestorTitles, title, status }) => ({
      suite: ancestorTitles[0] ?? title,
      title,
      passed: status === 'passed',
    })),
  );
}

/** By the outermost title; a file that could not be loaded is a suite of its own. */
function suitesOf({ testResults }: Results): Map<string, Suite> {
  const suites = new Map<string, Suite>();
  const suite = (title: string): Suite => {
    const known = suites.get(title) ?? { passed: 0, failures: [] };
    suites.set(title, known);
    return known;
  };
  for (const { name, message, assertionResults } of testResults) {
    if (assertionResults.length === 0) suite(name).failures.push(message ?? 'it holds no test');
    for (const { ancestorTitles, title, status, failureMessages } of assertionResults) {
      const of = suite(ancestorTitles[0] ?? title);
      if (status === 'passed') of.passed += 1;
      else of.failures.push(`${[...ancestorTitles.slice(1), title].join(' > ')}: ${failureMessages?.[0] ?? status}`);
    }
  }
  return suites;
}
