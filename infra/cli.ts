import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

const ROOT = join(import.meta.dirname, '..');
/** Beside it, one level below the package, lies what `cli/main.ts` reads of the package. */
const ENTRY = 'dist/cli.js';
const PARTS = 'dist/cli';

/**
 * Builds what `headroom` runs where the package is installed: `dist/cli.js` and the parts that its commands load when they
 * are named. Node refuses `.ts` files below node_modules; in a checkout the sources run as they are. What the package
 * depends on, the database above all, is left out and found when it is needed.
 *
 * @returns path of the entry, relative to the project
 */
export async function buildCli(): Promise<string> {
  await rm(join(ROOT, PARTS), { recursive: true, force: true });
  const result = await build({
    absWorkingDir: ROOT,
    entryPoints: { cli: 'cli/main.ts' },
    outdir: 'dist',
    chunkNames: 'cli/[name]-[hash]',
    bundle: true,
    splitting: true,
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'eof',
    external: installedWithIt().flatMap((name) => [name, `${name}/*`]),
    platform: 'node',
    target: 'node22',
    format: 'esm',
    // Packages that were written for require() find it here.
    banner: {
      js: "import { createRequire as headroomRequire } from 'node:module';const require = headroomRequire(import.meta.url);",
    },
    logLevel: 'silent',
  });
  if (result.warnings.length > 0)
    throw new Error(`esbuild warns: ${result.warnings.map(({ text }) => text).join('; ')}`);
  return ENTRY;
}

function installedWithIt(): string[] {
  const {
    dependencies = {},
    optionalDependencies = {},
  }: {
    dependencies?: Record<string, string>;
    optionalDependencies?: Record<string, string>;
  } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  return [...Object.keys(dependencies), ...Object.keys(optionalDependencies)];
}

if (import.meta.main) console.log(await buildCli());
