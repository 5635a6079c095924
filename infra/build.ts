/**
 * Bundles the entries for both clouds.
 *
 * `dist/azure/{main.cjs,<entry>.cjs,host.json,package.json}`, `dist/aws/<entry>/index.cjs`, esbuild's account of each
 * bundle in `dist/meta/<cloud>-<entry>.json`, and `infra/manifest.json`, which is committed.
 *
 * The output is CommonJS: it starts about 15 ms faster than ESM wherever an SDK is in it. Any warning fails the build.
 */
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build as esbuild, type Metafile, type Plugin } from 'esbuild';
import { ENTRIES, type Entry } from './entries.ts';
import { buildLibraries } from './library.ts';
import { manifest } from './manifest.ts';

const ROOT = resolve(import.meta.dirname, '..');

/** Provided by the Functions worker; or loaded only where it is used, and only where it is installed. */
const EXTERNAL = ['@azure/functions-core', '@duckdb/node-api'];

export type Bundle = { cloud: 'azure' | 'aws'; entry: Entry | 'main'; file: string; meta: Metafile };

/** Builds everything into the folder. Rejects on any error or warning of esbuild. */
export async function buildBundles(outFolder: string): Promise<Bundle[]> {
  rmSync(join(outFolder, 'azure'), { recursive: true, force: true });
  rmSync(join(outFolder, 'aws'), { recursive: true, force: true });
  rmSync(join(outFolder, 'meta'), { recursive: true, force: true });
  const bundles = await Promise.all([
    bundle('azure', 'main', 'functions/main.ts', join(outFolder, 'azure/main.cjs')),
    ...ENTRIES.map((entry) => bundle('azure', entry, `functions/${entry}.ts`, join(outFolder, `azure/${entry}.cjs`))),
    ...ENTRIES.map((entry) => bundle('aws', entry, `lambdas/${entry}.ts`, join(outFolder, `aws/${entry}/index.cjs`))),
  ]);
  copyFileSync(join(ROOT, 'host.json'), join(outFolder, 'azure/host.json'));
  writeJson(join(outFolder, 'azure/package.json'), { private: true, main: 'main.cjs' });
  mkdirSync(join(outFolder, 'meta'), { recursive: true });
  for (const { cloud, entry, meta } of bundles) writeJson(join(outFolder, `meta/${cloud}-${entry}.json`), meta);
  return bundles;
}

async function bundle(cloud: Bundle['cloud'], entry: Bundle['entry'], source: string, file: string): Promise<Bundle> {
  return { cloud, entry, file, meta: await bundleFile(source, file) };
}

/** Bundles one source into one CommonJS file. @returns esbuild's account of what is in it */
export async function bundleFile(source: string, file: string): Promise<Metafile> {
  const result = await esbuild({
    absWorkingDir: ROOT,
    entryPoints: [source],
    outfile: file,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    // A second bundle is a file beside this one: `require` finds it, and Node keeps it in the same cache.
    supported: { 'dynamic-import': false },
    define: { 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename' },
    external: EXTERNAL,
    plugins: [secondBundles],
    legalComments: 'none',
    metafile: true,
    logLevel: 'silent',
  });
  if (result.warnings.length > 0)
    throw new Error(result.warnings.map(({ text, location }) => `${location?.file ?? source}: ${text}`).join('; '));
  return result.metafile;
}

/** `main` only registers; each handler requires its entry's own bundle at its first call. */
const secondBundles: Plugin = {
  name: 'second-bundles',
  setup(build) {
    build.onResolve({ filter: new RegExp(`^\\./(${ENTRIES.join('|')})\\.ts$`) }, ({ importer, kind, path }) =>
      kind === 'dynamic-import' && importer === join(ROOT, 'functions/main.ts')
        ? { path: path.replace(/\.ts$/, '.cjs'), external: true }
        : undefined,
    );
  },
};

function writeJson(path: string, value: unknown): void {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}

if (import.meta.main) {
  const outFolder = join(ROOT, 'dist');
  const bundles = await buildBundles(outFolder);
  writeJson(join(ROOT, 'infra/manifest.json'), manifest());
  for (const { cloud, entry, meta } of bundles) {
    const bytes = Math.max(...Object.values(meta.outputs).map((output) => output.bytes));
    process.stdout.write(`${cloud.padEnd(6)}${entry.padEnd(9)}${(bytes / 1024).toFixed(1).padStart(8)} KiB\n`);
  }
  for (const library of await buildLibraries()) process.stdout.write(`${library}\n`);
}
