import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';

const RUN = join(import.meta.dirname, '../../.ci/run');
const README = 'Test it:\n\n```sh\nnpm ci && npm test\n```\n';
const GREEN = ' Test Files  3 passed (3)\n      Tests  12 passed | 1 skipped (13)\n';
const RED = '      Tests  2 failed | 10 passed (12)\n';

const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Runs `.ci/run` in a toy project whose `npm` prints and ends as told. */
function runToy(toy: { readme?: string; scripts?: string[]; npm: Record<string, { prints: string; exits: number }> }) {
  const folder = mkdtempSync(join(tmpdir(), 'headroom-ci-'));
  made.push(folder);
  mkdirSync(join(folder, '.ci'));
  mkdirSync(join(folder, 'bin'));
  copyFileSync(RUN, join(folder, '.ci/run'));
  writeFileSync(join(folder, 'README.md'), toy.readme ?? README);
  const scripts = Object.fromEntries((toy.scripts ?? []).map((name) => [name, 'true']));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', scripts }));
  const cases = Object.entries(toy.npm).map(([words, { prints, exits }]) => {
    return `"${words}") printf '%b' '${prints.replaceAll('\n', '\\n')}'; exit ${exits};;`;
  });
  writeFileSync(join(folder, 'bin/npm'), `#!/bin/sh\ncase "$*" in\n${cases.join('\n')}\nesac\nexit 0\n`);
  chmodSync(join(folder, 'bin/npm'), 0o755);
  const { status, stdout } = spawnSync('bash', [join(folder, '.ci/run')], {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${join(folder, 'bin')}:${process.env['PATH']}` },
  });
  return { status, stdout, last: stdout.trimEnd().split('\n').at(-1) };
}

describe('.ci/run', () => {
  test('runs the command of the README and closes with the number of tests', () => {
    const run = runToy({ npm: { test: { prints: GREEN, exits: 0 } } });
    expect(run).toMatchObject({ status: 0, last: '12 passed, 0 failed' });
    expect(run.stdout).toMatch(/^test +\d+ s {2}exit 0 {2}12 passed, 0 failed$/m);
  });

  test('adds up what conformance and chaos count, in their own way or as vitest does', () => {
    const run = runToy({
      scripts: ['conformance', 'chaos'],
      npm: {
        test: { prints: `\\033[2m${GREEN}\\033[22m`, exits: 0 },
        'run -s conformance': { prints: 'case 1\n5 passed, 0 failed\n', exits: 0 },
        'run -s chaos': { prints: GREEN + GREEN, exits: 0 },
      },
    });
    expect(run).toMatchObject({ status: 0, last: '41 passed, 0 failed' });
  });

  test.each([
    ['tests fail', { test: { prints: RED, exits: 1 } }, '10 passed, 2 failed'],
    ['types or lint fail before any test', { test: { prints: 'error TS2322\n', exits: 2 } }, '0 passed, 1 failed'],
    ['the install fails', { ci: { prints: '', exits: 1 }, test: { prints: GREEN, exits: 0 } }, '0 passed, 1 failed'],
    ['no test was run', { test: { prints: 'nothing to do\n', exits: 0 } }, '0 passed, 1 failed'],
    ['a run crashes after green tests', { test: { prints: GREEN, exits: 134 } }, '12 passed, 1 failed'],
  ])('fails when %s', (_, npm, last) => {
    expect(runToy({ npm })).toMatchObject({ status: 1, last });
  });

  test('runs the later stages after one has failed, and fails all the same', () => {
    const run = runToy({
      scripts: ['conformance'],
      npm: {
        test: { prints: RED, exits: 1 },
        'run -s conformance': { prints: '5 passed, 0 failed\n', exits: 0 },
      },
    });
    expect(run).toMatchObject({ status: 1, last: '15 passed, 2 failed' });
  });

  test('fails when the README does not show the command', () => {
    const run = runToy({ readme: 'npm test\n', npm: { test: { prints: GREEN, exits: 0 } } });
    expect(run).toMatchObject({ status: 1, last: '0 passed, 1 failed' });
    expect(run.stdout).toContain('README.md has no line "npm ci && npm test"');
  });
});
