import { mkdirSync, mkdtempSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export type TemporaryFolder = { path: string; remove(): void };

/**
 * A folder for what does not fit the memory: below the local store's, which has the room that logs need, else the system's.
 * `remove` leaves nothing behind that was not there before.
 */
export function makeTemporaryFolder(home: string): TemporaryFolder {
  try {
    const parent = join(home, 'tmp');
    mkdirSync(parent, { recursive: true, mode: 0o700 });
    return folderIn(parent, [parent, dirname(parent)]);
  } catch {
    return folderIn(tmpdir(), []);
  }
}

function folderIn(parent: string, emptied: readonly string[]): TemporaryFolder {
  const path = mkdtempSync(join(parent, 'analyze-'));
  return {
    path,
    remove() {
      rmSync(path, { recursive: true, force: true });
      for (const folder of emptied) removeIfEmpty(folder);
    },
  };
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Something else lies there, or another process has removed it.
  }
}
