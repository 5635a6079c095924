/**
 * Bundles the entries for both clouds.
 *
 * `dist/azure/{main.cjs,<entry>.cjs,azure-<part>.cjs,host.json,package.json}`, `dist/aws/<entry>/{index.cjs,aws-<part>.cjs}`,
 * esbuild's account of each bundle in `dist/meta/<cloud>-<entry>.json`, and `infra/manifest.json`, which is committed; the
 * Teams app package `dist/teams/headroom.zip` where the environment names its bot.
 *
 * The output is CommonJS: it starts about 15 ms faster than ESM wherever an SDK is in it. Any warning fails the build.
 */
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build as esbuild, type Metafile, type Plugin } from 'esbuild';
import { AWS_CREDENTIALS, laterCredentials } from './aws-credentials.ts';
import { buildCli } from './cli.ts';
import { ENTRIES, type Entry } from './entries.ts';
import { laterBuiltins } from './later-builtins.ts';
import { LEFT_OUT } from './left-out.ts';
import { buildLibraries } from './library.ts';
import { manifest } from './manifest.ts';
import { writeTeamsPackage } from './teams-app.ts';

const ROOT = resolve(import.meta.dirname, '..');

/** Provided by the Functions worker; or loaded only where it is used, and only where it is installed. */
const EXTERNAL = ['@azure/functions-core', '@duckdb/node-api'];

/** Parts of an entry that are loaded only where they are needed, by name: they are larger than all else in it. */
const LAZY_PARTS = {
  'azure-payloads': { source: 'shared/adapters/azure/payloads.ts', clouds: ['azure'] },
  'azure-sdk-proxy': { source: 'shared/adapters/azure/sdk-proxy.ts', clouds: ['azure'] },
  'azure-sdk-identity': { source: 'shared/adapters/azure/sdk-identity.ts', clouds: ['azure', 'aws'] },
  'azure-app-configuration': { source: 'shared/adapters/azure/app-configuration.ts', clouds: ['azure', 'aws'] },
  'azure-log-analytics': { source: 'shared/adapters/azure/log-analytics-client.ts', clouds: ['azure'] },
  'azure-metrics': { source: 'shared/adapters/azure/metrics-client.ts', clouds: ['azure'] },
  'azure-application-insights': { source: 'shared/adapters/azure/application-insights.ts', clouds: ['azure'] },
  entra: { source: 'shared/adapters/entra/verifiers.ts', clouds: ['azure', 'aws'] },
  telemetry: { source: 'shared/adapters/telemetry/open-telemetry.ts', clouds: ['azure', 'aws'] },
  'aws-credentials': { source: AWS_CREDENTIALS, clouds: ['aws'] },
  'aws-logs-insights': { source: 'shared/adapters/aws/logs-insights-client.ts', clouds: ['aws'] },
  'aws-roles': { source: 'shared/adapters/aws/taken-role-client.ts', clouds: ['aws'] },
  'aws-payloads': { source: 'shared/adapters/aws/payloads.ts', clouds: ['aws'] },
  'aws-secrets': { source: 'shared/adapters/aws/secrets.ts', clouds: ['aws'] },
} as const satisfies Record<string, { source: string; clouds: readonly Cloud[] }>;
type LazyPart = keyof typeof LAZY_PARTS;

type Cloud = 'azure' | 'aws';

export type Bundle = { cloud: Cloud; entry: Entry | 'main' | LazyPart; file: string; meta: Metafile };

/** Builds everything into the folder. Rejects on any error or warning of esbuild. */
export async function buildBundles(outFolder: string): Promise<Bundle[]> {
  rmSync(join(outFolder, 'azure'), { recursive: true, force: true });
  rmSync(join(outFolder, 'aws'), { recursive: true, force: true });
  rmSync(join(outFolder, 'meta'), { recursive: true, force: true });
  const bundles = await Promise.all([
    bundle('azure', 'main', 'functions/main.ts', join(outFolder, 'azure/main.cjs')),
    ...ENTRIES.map((entry) => bundle('azure', entry, `functions/${entry}.ts`, join(outFolder, `azure/${entry}.cjs`))),
    ...lazyParts('azure').map(([part, source]) => bundle('azure', part, source, join(outFolder, `azure/${part}.cjs`))),
    ...ENTRIES.map((entry) => bundle('aws', entry, `lambdas/${entry}.ts`, join(outFolder, `aws/${entry}/index.cjs`))),
    ...lazyParts('aws').map(([part, source]) =>
      bundle('aws', part, source, join(outFolder, `aws/receive/${part}.cjs`)),
    ),
  ]);
  // Each lambda is a folder of its own.
  for (const [part] of lazyParts('aws'))
    for (const entry of ENTRIES.filter((other) => other !== 'receive'))
      copyFileSync(join(outFolder, `aws/receive/${part}.cjs`), join(outFolder, `aws/${entry}/${part}.cjs`));
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
    // Of a package in both forms the one that shakes: the AWS clients are a third smaller for it.
    mainFields: ['module', 'main'],
    // A second bundle is a file beside this one: `require` finds it, and Node keeps it in the same cache.
    supported: { 'dynamic-import': false },
    define: { 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename' },
    external: EXTERNAL,
    plugins: [secondBundles, laterCredentials('./aws-credentials.cjs'), laterBuiltins, ...LEFT_OUT],
    legalComments: 'none',
    metafile: true,
    logLevel: 'silent',
  });
  if (result.warnings.length > 0)
    throw new Error(result.warnings.map(({ text, location }) => `${location?.file ?? source}: ${text}`).join('; '));
  return result.metafile;
}

/** Bundles of their own by the source that is imported: entries by `main`, parts by whoever needs them. */
const SECOND_BUNDLES: ReadonlyMap<string, string> = new Map([
  ...ENTRIES.map((entry) => [join(ROOT, `functions/${entry}.ts`), `./${entry}.cjs`] as const),
  ...Object.entries(LAZY_PARTS).map(([part, { source }]) => [join(ROOT, source), `./${part}.cjs`] as const),
]);

/** `main` only registers, and a handler requires its entry's own bundle at its first call; parts follow when needed. */
const secondBundles: Plugin = {
  name: 'second-bundles',
  setup(build) {
    build.onResolve({ filter: /^\.\.?\/.+\.ts$/ }, ({ kind, path, resolveDir }) => {
      const second = SECOND_BUNDLES.get(resolve(resolveDir, path));
      return kind === 'dynamic-import' && second !== undefined ? { path: second, external: true } : undefined;
    });
  },
};

function lazyParts(cloud: Cloud): [LazyPart, string][] {
  const parts = Object.keys(LAZY_PARTS).filter((part): part is LazyPart => part in LAZY_PARTS);
  return parts
    .filter((part) => LAZY_PARTS[part].clouds.some((shipped) => shipped === cloud))
    .map((part) => [part, LAZY_PARTS[part].source]);
}

function writeJson(path: string, value: unknown): void {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}

if (import.meta.main) {
  const outFolder = join(ROOT, 'dist');
  const bundles = await buildBundles(outFolder);
  writeJson(join(ROOT, 'infra/manifest.json'), manifest());
  for (const { cloud, entry, meta } of bundles) {
    const bytes = Math.max(...Object.values(meta.outputs).map((output) => output.bytes));
    process.stdout.write(`${cloud.padEnd(6)}${entry.padEnd(19)}${(bytes / 1024).toFixed(1).padStart(8)} KiB\n`);
  }
  for (const built of [...(await buildLibraries()), await buildCli()]) process.stdout.write(`${built}\n`);
  const { HEADROOM_TEAMS_APP_ID: appId, TEAMS_APP_SITE: site } = process.env;
  if (appId !== undefined && site !== undefined)
    process.stdout.write(`${writeTeamsPackage({ appId, site }, outFolder)}\n`);
}
