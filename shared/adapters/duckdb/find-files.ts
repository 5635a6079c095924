import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** What counts as a log below a folder; a file or glob that is named outright is taken whatever its ending. */
const LOG_FILE = /\.(?:json|jsonl|ndjson|log)(?:\.gz)?$/i;
/** Characters that the reader takes for a pattern. */
export const GLOB = /[*?[]/;

export type FoundFiles = {
  files: string[] /** Named outright, but not there or not to be entered. */;
  problems: FileProblem[];
};
export type FileProblem = { path: string; error: unknown };

/**
 * The files that paths, folders (with everything below them) and globs (`*`, `**`, `?`, `[…]`) stand for, each once, in
 * order of name.
 *
 * @param expandGlob gives the files that match a pattern
 */
export async function findFiles(
  paths: readonly string[],
  expandGlob: (pattern: string) => Promise<string[]>,
): Promise<FoundFiles> {
  const found = await Promise.all(paths.map((path) => findOne(path, expandGlob)));
  return {
    files: [...new Set(found.flatMap(({ files }) => files))].sort(),
    problems: found.flatMap(({ problems }) => problems),
  };
}

async function findOne(path: string, expandGlob: (pattern: string) => Promise<string[]>): Promise<FoundFiles> {
  try {
    const entry = await stat(path);
    return { files: entry.isDirectory() ? await filesBelow(path) : [path], problems: [] };
  } catch (error) {
    if (GLOB.test(path)) return { files: await expandGlob(path), problems: [] };
    return { files: [], problems: [{ path, error }] };
  }
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && LOG_FILE.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}
