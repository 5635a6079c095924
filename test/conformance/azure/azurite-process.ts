/**
 * Azurite, Microsoft's own emulator of Azure Storage, installed outside the tree: it is twice the size of everything else
 * that the tests need. It is started with TLS and with tokens, so that what is tested is what is deployed.
 *
 * @see https://github.com/Azure/Azurite
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const VERSION = '3.36.0';
const PROGRAM = join('node_modules', 'azurite', 'dist', 'src', 'azurite.js');
const START_TIMEOUT_MS = 30_000;
const LOG_CHARACTERS = 10_000;
const ACCOUNT = 'headroomtest';

export type Azurite = {
  /** `https://127.0.0.1:<port>/<account>` of each service. */
  table: string;
  queue: string;
  blob: string;
  /** Path of the certificate it shows, PEM: for NODE_EXTRA_CA_CERTS. */
  certificate: string;
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
  const child = spawn(
    process.execPath,
    [
      program,
      ...['--inMemoryPersistence', '--silent', '--disableTelemetry', '--skipApiVersionCheck'],
      ...['--oauth', 'basic', '--cert', certificate, '--key', key],
      ...['--blobPort', '0', '--queuePort', '0', '--tablePort', '0'],
    ],
    {
      env: { PATH: process.env['PATH'] ?? '', AZURITE_ACCOUNTS: `${ACCOUNT}:${btoa('unused')}` },
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()).once('error', () => resolve()));
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill); // a run that is broken off must not leave it behind
  const stop = async (): Promise<void> => {
    process.off('exit', kill);
    kill();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const [blob, queue, table] = await readPorts(child);
    const origin = (port: string): string => `https://127.0.0.1:${port}/${ACCOUNT}`;
    return { table: origin(table), queue: origin(queue), blob: origin(blob), certificate, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function readPorts(child: ChildProcess): Promise<[string, string, string]> {
  return new Promise((resolve, reject) => {
    let log = '';
    const giveUp = (why: string): void => reject(new Error(`azurite ${why}. Its log ends:\n${log}`));
    const late = setTimeout(() => giveUp('did not start in time'), START_TIMEOUT_MS);
    const read = (text: Buffer): void => {
      log = (log + text).slice(-LOG_CHARACTERS);
      const [blob, queue, table] = ['Blob', 'Queue', 'Table'].map(
        (service) => new RegExp(`${service} service is successfully listening at \\S+:(\\d+)`).exec(log)?.[1],
      );
      if (blob === undefined || queue === undefined || table === undefined) return;
      clearTimeout(late);
      resolve([blob, queue, table]);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('error', reject).once('exit', (code) => {
      clearTimeout(late);
      giveUp(`ended with code ${code}`);
    });
  });
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
