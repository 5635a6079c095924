import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';

/** What the package publishes: name of the export, and its source. */
export const LIBRARIES = { secrets: 'shared/secrets/index.ts' } as const;

const ROOT = join(import.meta.dirname, '..');
const OUT = 'dist/library';

/**
 * Builds what `headroom/<name>` resolves to: `dist/library/<name>.js` (ES modules, dependencies left out) and its
 * declarations. Node refuses `.ts` files below node_modules, so sources cannot be published.
 *
 * @returns paths of the built entries, relative to the project
 */
export async function buildLibraries(): Promise<string[]> {
  await rm(join(ROOT, OUT), { recursive: true, force: true });
  const result = await build({
    absWorkingDir: ROOT,
    entryPoints: { ...LIBRARIES },
    outdir: OUT,
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node22',
    format: 'esm',
    sourcemap: false,
    logLevel: 'silent',
  });
  if (result.warnings.length > 0)
    throw new Error(`esbuild warns: ${result.warnings.map(({ text }) => text).join('; ')}`);
  const config = join(ROOT, OUT, 'tsconfig.json');
  await mkdir(join(ROOT, OUT), { recursive: true });
  await writeFile(
    config,
    JSON.stringify({
      extends: '../../tsconfig.json',
      compilerOptions: {
        noEmit: false,
        declaration: true,
        emitDeclarationOnly: true,
        rewriteRelativeImportExtensions: true,
        rootDir: '../../shared',
        outDir: 'types',
      },
      include: [],
      files: Object.values(LIBRARIES).map((source) => `../../${source}`),
    }),
  );
  const compiler = join(ROOT, 'node_modules/.bin/tsc');
  await promisify(execFile)(compiler, ['--project', config], { cwd: ROOT });
  await rm(config);
  return Object.keys(LIBRARIES).map((name) => `${OUT}/${name}.js`);
}

if (import.meta.main) console.log((await buildLibraries()).join('\n'));
