/** Packages from PyPI that no part of the project depends on, each in an environment of its own outside the tree. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const INSTALL_TIMEOUT_MS = 110_000;

export type FoundPython = { kind: 'found'; python: string } | { kind: 'missing'; why: string };

/**
 * @param wanted.packages as pip takes them
 * @returns the Python that has it; installs it when this machine has not done so yet; or why there is none to be had
 */
export function findPython(
  wanted: { name: string; version: string; packages: readonly string[] },
  print: (line: string) => void,
): FoundPython {
  const { name, version, packages } = wanted;
  const folder = join(tmpdir(), `headroom-${name}-${version}`);
  const python = join(folder, 'bin', 'python3');
  if (existsSync(python)) return { kind: 'found', python };
  print(`installing ${name} ${version}: about half a minute, once`);
  mkdirSync(tmpdir(), { recursive: true });
  const fresh = mkdtempSync(join(tmpdir(), `headroom-${name}-`));
  const problem = install(fresh, packages);
  if (problem === null) {
    rmSync(folder, { recursive: true, force: true });
    renameSync(fresh, folder);
    return { kind: 'found', python };
  }
  rmSync(fresh, { recursive: true, force: true });
  return { kind: 'missing', why: problem.replace('pip cannot', `pip cannot get ${name} ${version}`) };
}

/** Modules are found beside the interpreter, so the folder may be renamed when it is whole. */
function install(folder: string, packages: readonly string[]): string | null {
  const options = { encoding: 'utf8', timeout: INSTALL_TIMEOUT_MS } as const;
  const made = spawnSync('python3', ['-m', 'venv', folder], options);
  if (made.error !== undefined) return 'this machine has no python3';
  if (made.status !== 0) return 'python3 has no venv: install the Debian package python3-venv, or its like';
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-compile', ...packages];
  const installed = spawnSync(join(folder, 'bin', 'python3'), pip, options);
  if (installed.status === 0) return null;
  return `pip cannot: ${(installed.stderr ?? '').trim().split('\n').at(-1) ?? ''}`.slice(0, 300);
}
