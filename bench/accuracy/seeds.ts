import { execFileSync } from 'node:child_process';

const FOLDERS = ['shared', 'cli', 'simulation'];
/** Room for any run above the base, in whole hundreds so that each run begins with the same kind of case. */
const BASES = 100_000;

export type SeedBase = { base: number; commit: string; isDirty: boolean };

/**
 * Where seeds begin: the last commit that touched anything that `analyze` could load, or the simulation. Whoever tunes a
 * threshold commits it, and so gets logs that nobody has seen.
 */
export function seedBase(root: string): SeedBase {
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
  const commit = git('log', '-1', '--format=%H', '--', ...FOLDERS);
  return {
    commit,
    base: (Number.parseInt(commit.slice(0, 8), 16) % BASES) * 100,
    isDirty: git('status', '--porcelain', '--', ...FOLDERS) !== '',
  };
}
