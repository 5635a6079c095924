import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildCli } from '../../infra/cli.ts';
import { buildLibraries } from '../../infra/library.ts';

const ROOT = join(import.meta.dirname, '../..');
const run = promisify(execFile);
let consumer: string;

beforeAll(async () => {
  await Promise.all([buildLibraries(), buildCli()]);
  // Below the project, so that the dependencies resolve as an installed package's would.
  consumer = await mkdtemp(join(ROOT, 'dist/consumer-'));
  const installed = join(consumer, 'node_modules/headroom');
  await mkdir(installed, { recursive: true });
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--pack-destination', consumer], { cwd: ROOT });
  const tarball = join(consumer, stdout.trim().split('\n').at(-1) ?? '');
  await run('tar', ['xzf', tarball, '-C', installed, '--strip-components=1']);
  await writeFile(join(consumer, 'package.json'), '{"type":"module"}');
});
afterAll(() => rm(consumer, { recursive: true, force: true }));

describe('the published library', () => {
  test('headroom/secrets is imported from the packed package by plain Node', async () => {
    const code = `import { createSecrets, isSecretsError } from 'headroom/secrets';
      const secrets = await createSecrets({ credential: { getToken: async () => null } });
      const error = await secrets.getSecret('http://x', 'y').catch((e) => e);
      console.log(isSecretsError(error), error.kind, Object.keys(secrets.stats()).length);
      await secrets.close();`;
    await writeFile(join(consumer, 'use.js'), code);
    const { stdout } = await run(process.execPath, ['use.js'], { cwd: consumer });
    expect(stdout.trim()).toBe('true bad-reference 9');
  });

  test('its declarations are found and checked by a strict consumer', async () => {
    await writeFile(
      join(consumer, 'use.ts'),
      `import { createSecrets, type SecretsOptions } from 'headroom/secrets';
       import { DefaultAzureCredential } from '@azure/identity';
       const options: SecretsOptions = { endpoints: ['https://a.azconfig.io'], credential: new DefaultAzureCredential(), ttlMs: 1000 };
       export const value: Promise<string> = createSecrets(options).then((secrets) => secrets.get('a'));
       import type { Meter as OpenTelemetryMeter } from '@opentelemetry/api';
       export const metered = (meter: OpenTelemetryMeter): SecretsOptions => ({ ...options, meter });
       // A wrong type must be refused, else nothing was checked.
       export const wrong: Promise<number> = createSecrets(options).then((secrets) => secrets.get('a'));`,
    );
    const compilerOptions = {
      strict: true,
      module: 'nodenext',
      noEmit: true,
      skipLibCheck: false,
      types: ['node'],
      lib: ['es2024'],
    };
    await writeFile(join(consumer, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['use.ts'] }));
    const output: string = await run(join(ROOT, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.json'], {
      cwd: consumer,
    }).then(
      ({ stdout }) => stdout,
      (error: { stdout: string }) => error.stdout,
    );
    const complaints = output
      .split('\n')
      .filter((line) => line.includes('error TS') && !line.includes('/@azure/') && !line.includes('@typespec'));
    expect(complaints).toEqual([expect.stringMatching(/^use\.ts\(8,\d+\): error TS2322/)]);
  });
});

describe('the published command', () => {
  const headroom = (...args: string[]): Promise<{ stdout: string }> =>
    run(process.execPath, [join('node_modules/headroom/cli/headroom.mjs'), ...args], { cwd: consumer });

  test('headroom analyze answers from the sample that the package holds, without its sources', async () => {
    const { stdout } = await headroom('analyze', 'node_modules/headroom/samples/key-vault-storm.json.gz');
    expect(stdout).toMatch(/^kv-sample: startup stampede/);
  });

  test('headroom --help and --version name its commands and itself', async () => {
    const [help, version] = await Promise.all([headroom('--help'), headroom('--version')]);
    expect(help.stdout).toContain('headroom <command>');
    expect(version.stdout.trim()).toBe(JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')).version);
  });
});
