/**
 * Azurite, Microsoft's own emulator of Azure Storage, installed outside the tree: it is twice the size of everything else
 * that the tests need. It is started with TLS and with tokens, so that what is tested is what is deployed.
 *
 * @see https://github.com/Azure/Azurite
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmulator } from '../emulator.ts';

const VERSION = '3.36.0';
const PROGRAM = join('node_modules', 'azurite', 'dist', 'src', 'azurite.js');
const ACCOUNT = 'headroomtest';

export type Azurite = {
  /** `https://127.0.0.1:<port>/<account>` of each service. */
  table: string;
  queue: string;
  blob: string;
  /** Path of the certificate it shows, PEM: for NODE_EXTRA_CA_CERTS. */
  certificate: string;
  /** Path of its key. */
  key: string;
  stop(): Promise<void>;
};

/** @returns the path of its start file; installs it when this machine has not done so yet */
export function installAzurite(print: (line: string) => void): string {
  const folder = join(tmpdir(), `headroom-azurite-${VERSION}`);
  if (existsSync(join(folder, PROGRAM))) return join(folder, PROGRAM);
  print(`installing azurite ${VERSION}: about half a minute, once`);
  mkdirSync(tmpdir(), { recursive: true });
  const fresh = mkdtempSync(join(tmpdir(), 'headroom-azurite-'));
  writeFileSync(join(fresh, 'package.json'), '{"private":true}\n');
  const install = spawnSync('npm', ['install', '--no-audit', '--no-fund', `azurite@${VERSION}`], {
    cwd: fresh,
    encoding: 'utf8',
  });
  if (install.status !== 0 || !existsSync(join(fresh, PROGRAM))) {
    rmSync(fresh, { recursive: true, force: true });
    const tail = `${install.stdout ?? ''}${install.stderr ?? ''}`.split('\n').slice(-30).join('\n');
    throw new Error(`azurite ${VERSION} could not be installed. Last lines of npm:\n${tail}`);
  }
  rmSync(folder, { recursive: true, force: true });
  renameSync(fresh, folder);
  return join(folder, PROGRAM);
}

/** Starts it empty, in memory, on free ports of loopback; rejects when it is not up within half a minute. */
export async function startAzurite(program: string): Promise<Azurite> {
  const folder = mkdtempSync(join(tmpdir(), 'headroom-azurite-run-'));
  const { certificate, key } = makeCertificate(folder);
  try {
    const { found, stop } = await startEmulator({
      name: 'azurite',
      command: process.execPath,
      args: [
        program,
        ...['--inMemoryPersistence', '--silent', '--disableTelemetry', '--skipApiVersionCheck'],
        ...['--oauth', 'basic', '--cert', certificate, '--key', key],
        ...['--blobPort', '0', '--queuePort', '0', '--tablePort', '0'],
      ],
      environment: { AZURITE_ACCOUNTS: `${ACCOUNT}:${btoa('unused')}` },
      folder,
      ready: portsOf,
    });
    const origin = (port: string): string => `https://127.0.0.1:${port}/${ACCOUNT}`;
    return {
      table: origin(found.table),
      queue: origin(found.queue),
      blob: origin(found.blob),
      certificate,
      key,
      async stop() {
        await stop();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

function portsOf(log: string): Record<'blob' | 'queue' | 'table', string> | null {
  const portOf = (service: string): string | undefined =>
    new RegExp(`${service} service is successfully listening at \\S+:(\\d+)`).exec(log)?.[1];
  const [blob, queue, table] = [portOf('Blob'), portOf('Queue'), portOf('Table')];
  return blob === undefined || queue === undefined || table === undefined ? null : { blob, queue, table };
}

function makeCertificate(folder: string): { certificate: string; key: string } {
  const [certificate, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const made = spawnSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
      ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'],
      ...['-keyout', key, '-out', certificate],
    ],
    { encoding: 'utf8' },
  );
  if (made.status === 0) return { certificate, key };
  throw new Error(`openssl could not make a certificate: ${made.error?.message ?? made.stderr}`);
}
