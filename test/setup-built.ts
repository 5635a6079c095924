import type { TestProject } from 'vitest/node';
import { buildOutsideTree } from './infra/built.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the bundles of both clouds are, for this run. */
    builtFolder: string;
  }
}

/** Builds the bundles once for all tests that run them; they are gone after the run. */
export default async function setup(project: TestProject): Promise<() => void> {
  const { folder, remove } = await buildOutsideTree();
  project.provide('builtFolder', folder);
  return remove;
}
