import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bundle, buildBundles } from '../../infra/build.ts';

export type Built = {
  folder: string;
  bundles: Bundle[];
  /** Path of a lambda's bundle. */
  lambda(entry: string): string;
  remove(): void;
};

/** Builds the bundles into a folder outside the tree, where no node_modules is found: what runs there stands alone. */
export async function buildOutsideTree(): Promise<Built> {
  const folder = mkdtempSync(join(tmpdir(), 'headroom-built-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const bundles = await buildBundles(folder);
    return { folder, bundles, lambda: (entry) => join(folder, 'aws', entry, 'index.cjs'), remove };
  } catch (error) {
    remove();
    throw error;
  }
}
