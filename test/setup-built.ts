import type { TestProject } from 'vitest/node';
import { type Built, buildOutsideTree } from './infra/built.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the bundles of both clouds are, for this run. */
    builtFolder: string;
    /** Which they are; esbuild's account of each is a file in that folder. */
    builtBundles: Omit<Built['bundles'][number], 'meta'>[];
  }
}

/** Builds the bundles once for all tests that run them; they are gone after the run. */
export default async function setup(project: TestProject): Promise<() => void> {
  const { folder, bundles, remove } = await buildOutsideTree();
  project.provide('builtFolder', folder);
  project.provide(
    'builtBundles',
    bundles.map(({ meta: _meta, ...bundle }) => bundle),
  );
  return remove;
}
