import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Metafile } from 'esbuild';
import { describe, expect, inject, test } from 'vitest';
import { type Bundle, bundleFile } from '../../infra/build.ts';
import { manifest } from '../../infra/manifest.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** Never deployed: the simulated world, tests, the console of one machine and what opens a port there. */
const NEVER = /^(?:simulation|test|console|local|cli|bench|infra)\//;

/**
 * What the receive path must not load (design §3): chat, rules, evidence, and every client but those of queue and store. Of
 * the secrets it has what keeps a token alive.
 */
const NOT_TO_RECEIVE =
  /^shared\/(?:chat|charts|evidence|diagnoses|fixes|actions|capacity|secrets\/(?!(?:token|errors)\.ts)|sts|adapters\/(?:slack|teams|terminal|duckdb|senders))\b/;

/**
 * What reaches tables and queues; none of blobs and objects, and none of the Azure SDK's credentials. Azure's tables and
 * queue have no client of their own: their requests are spoken over the pipeline of Microsoft's clients.
 */
const CLIENTS_OF_RECEIVE = {
  aws: ['@aws-sdk/client-dynamodb', '@aws-sdk/client-sqs'],
  azure: ['@azure/core-rest-pipeline'],
};
const NOT_AMONG_CLIENTS =
  /^(?:jose|debug|fast-xml-parser|https-proxy-agent|@azure\/(?:storage-.*|data-tables|core-client|identity|msal-.*)|@aws-sdk\/(?:client-s3|nested-clients|credential-provider-ini)|@slack\/.*)$/;

/**
 * KiB, minified: what was measured, plus a fifth for growth. A start takes about 1 ms for each 6 KiB, and an SDK that slips in
 * has 150 KiB or more, so either shows here before it shows in the clouds.
 */
const MOST_KIB: Record<Bundle['cloud'], Partial<Record<Bundle['entry'], number>>> = {
  azure: {
    main: 94,
    receive: 236,
    chat: 701,
    read: 184,
    work: 907,
    watch: 541,
    'azure-payloads': 900,
    'azure-sdk-identity': 493,
    'azure-sdk-proxy': 35,
    'azure-app-configuration': 232,
    'azure-application-insights': 280,
    'azure-log-analytics': 117,
    'azure-metrics': 97,
    entra: 50,
    telemetry: 128,
  },
  aws: {
    receive: 473,
    chat: 1_025,
    read: 420,
    work: 1_233,
    watch: 863,
    'aws-credentials': 336,
    'aws-logs-insights': 218,
    'aws-payloads': 366,
    'aws-roles': 200,
    'aws-secrets': 210,
    'azure-sdk-identity': 493,
    'azure-app-configuration': 232,
    entra: 50,
    telemetry: 128,
  },
};

const LAZY_PARTS = [
  'azure-app-configuration',
  'azure-application-insights',
  'azure-log-analytics',
  'azure-metrics',
  'azure-payloads',
  'azure-sdk-identity',
  'azure-sdk-proxy',
  'entra',
  'telemetry',
];
const LAZY_PARTS_OF_LAMBDAS = [
  'aws-credentials',
  'aws-logs-insights',
  'aws-payloads',
  'aws-roles',
  'aws-secrets',
  'azure-app-configuration',
  'azure-sdk-identity',
  'entra',
  'telemetry',
];

const folder = inject('builtFolder');
const bundles = inject('builtBundles').map((bundle): Bundle => {
  const meta: Metafile = JSON.parse(readFileSync(join(folder, `meta/${bundle.cloud}-${bundle.entry}.json`), 'utf8'));
  return { ...bundle, meta };
});

describe('the built bundles', () => {
  test('are exactly the files of the layout', () => {
    const files = globSync('**/*', { cwd: folder }).filter((path) => statSync(join(folder, path)).isFile());
    expect(files.sort()).toEqual(
      [
        ...[...LAZY_PARTS, 'chat', 'main', 'read', 'receive', 'watch', 'work'].map((entry) => `azure/${entry}.cjs`),
        ...['chat', 'read', 'receive', 'watch', 'work'].flatMap((entry) =>
          [...LAZY_PARTS_OF_LAMBDAS, 'index'].map((file) => `aws/${entry}/${file}.cjs`),
        ),
        ...[...LAZY_PARTS, 'chat', 'main', 'read', 'receive', 'watch', 'work'].map(
          (entry) => `meta/azure-${entry}.json`,
        ),
        ...[...LAZY_PARTS_OF_LAMBDAS, 'chat', 'read', 'receive', 'watch', 'work'].map(
          (entry) => `meta/aws-${entry}.json`,
        ),
        'azure/host.json',
        'azure/package.json',
      ].sort(),
    );
  });

  test('come with the host settings that keep the queue quick, its failures bounded, and telemetry open', () => {
    const { extensions, telemetryMode } = JSON.parse(readFileSync(join(folder, 'azure/host.json'), 'utf8'));
    expect(telemetryMode).toBe('OpenTelemetry');
    expect(extensions.http.routePrefix).toBe('api');
    expect(extensions.queues).toMatchObject({ maxPollingInterval: '00:00:01', maxDequeueCount: 5 });
  });

  test('hold nothing of the simulation, the tests, the console or one machine', () => {
    for (const path of globSync('meta/*.json', { cwd: folder })) {
      const meta: Metafile = JSON.parse(readFileSync(join(folder, path), 'utf8'));
      expect(inputsOf(meta).length).toBeGreaterThan(0);
      expect(inputsOf(meta).filter((input) => NEVER.test(input))).toEqual([]);
    }
  });

  test('hold only what the receive path needs, where they receive', () => {
    for (const { cloud, meta } of bundles.filter(({ entry }) => entry === 'receive')) {
      expect(inputsOf(meta)).toContain('shared/pipeline/receive.ts');
      expect(inputsOf(meta).filter((input) => NOT_TO_RECEIVE.test(input))).toEqual([]);
      expect(packagesOf(meta)).toEqual(expect.arrayContaining([...CLIENTS_OF_RECEIVE[cloud], 'zod']));
      expect(packagesOf(meta).filter((name) => NOT_AMONG_CLIENTS.test(name))).toEqual([]);
    }
  });

  test('register the functions in a bundle that holds no other code of ours', () => {
    const main = bundles.find(({ entry }) => entry === 'main');
    expect(main && inputsOf(main.meta).filter((input) => !/^(?:node_modules\/|later-builtin:)/.test(input))).toEqual([
      'functions/main.ts',
    ]);
  });

  test.each([
    { cloud: 'azure', late: /NativeModule (?:zlib|internal\/util\/diff|internal\/util\/trace_sigint)/ },
    // DynamoDB's client asks for a checksum of zlib's as it starts.
    { cloud: 'aws', late: /NativeModule internal\/util\/(?:diff|trace_sigint)/ },
  ])('start receive on $cloud without what unpacks and what lies behind node:util', ({ cloud, late }) => {
    const receive = bundles.find((bundle) => bundle.cloud === cloud && bundle.entry === 'receive');
    const script = `require(${JSON.stringify(receive?.file)}); process.stdout.write(process.moduleLoadList.join())`;
    const { stdout } = spawnSync(process.execPath, ['-e', script], { env: {}, encoding: 'utf8' });
    expect(stdout).toContain('NativeModule https');
    expect(stdout).not.toMatch(late);
  });

  test('stay under their size bounds', () => {
    const over = bundles
      .map(({ cloud, entry, file }) => ({ cloud, entry, kib: statSync(file).size / 1024 }))
      .filter(({ cloud, entry, kib }) => kib > (MOST_KIB[cloud][entry] ?? 0));
    expect(over).toEqual([]);
  });

  test('stand alone: what they take from outside is Node’s own, the worker’s module, or a bundle beside them', () => {
    const external = bundles.flatMap(({ meta }) =>
      Object.values(meta.outputs).flatMap(({ imports }) => imports.map(({ path }) => path)),
    );
    const others = external.filter((path) => !isBuiltin(path) && !path.startsWith('./'));
    expect([...new Set(others)]).toEqual(['@azure/functions-core']);
  });
});

describe('the build', () => {
  test('fails on a warning of the bundler, and says where', async () => {
    const own = mkdtempSync(join(tmpdir(), 'headroom-warning-'));
    const source = join(own, 'odd.ts');
    writeFileSync(source, "export const never = typeof process === 'proces';\n");
    await expect(bundleFile(source, join(own, 'odd.cjs'))).rejects.toThrow(/odd\.ts.*typeof/);
    rmSync(own, { recursive: true });
  });

  test('gives bundles the folder they stand in, where the sources ask for it', async () => {
    const own = mkdtempSync(join(tmpdir(), 'headroom-dirname-'));
    writeFileSync(join(own, 'here.ts'), 'export const here = import.meta.dirname;\n');
    await bundleFile(join(own, 'here.ts'), join(own, 'here.cjs'));
    expect((await import(join(own, 'here.cjs'))).here).toBe(own);
    rmSync(own, { recursive: true });
  });
});

describe('infra/manifest.json', () => {
  test('is what the sources say now; `npm run build` writes it', () => {
    expect(JSON.parse(readFileSync(join(ROOT, 'infra/manifest.json'), 'utf8'))).toEqual(manifest());
  });
});

function inputsOf(meta: Metafile): string[] {
  return Object.values(meta.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs)
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([path]) => path),
  );
}

function packagesOf(meta: Metafile): string[] {
  const names = inputsOf(meta).map((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]);
  return [...new Set(names.filter((name) => name !== undefined))].sort();
}
