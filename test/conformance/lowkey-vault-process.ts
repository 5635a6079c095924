/**
 * Lowkey Vault, an emulator of Key Vault that is nobody's here: found or fetched outside the tree, started on loopback.
 *
 * @see https://github.com/nagyesta/lowkey-vault
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { startEmulator } from './emulator.ts';

/** The last line of releases that runs on Java 17. */
const VERSION = '3.4.33';
const MIN_JAVA = 17;
const FETCH_TIMEOUT_MS = 60_000;
const START_TIMEOUT_MS = 60_000;

export type LowkeyVault = {
  /** `https://localhost:<port>` */
  vaultUrl: string;
  /** Its stand-in for the managed-identity endpoint, `http://localhost:<port>`. */
  tokenUrl: string;
  /** The certificate it shows, PEM: nobody has signed it. */
  certificate: string;
  stop(): Promise<void>;
};

/** The jar: that of `LOWKEY_VAULT_JAR`, else from Maven Central; or why there is none to be had. */
export function findLowkeyVault(): { kind: 'found'; jar: string } | { kind: 'missing'; why: string } {
  const java = javaVersion();
  if (java === null || java < MIN_JAVA)
    return { kind: 'missing', why: `it needs Java ${MIN_JAVA}, and this machine has ${java ?? 'none'}` };
  const given = process.env['LOWKEY_VAULT_JAR'];
  if (given !== undefined) {
    if (existsSync(given)) return { kind: 'found', jar: given };
    return { kind: 'missing', why: 'LOWKEY_VAULT_JAR names no file' };
  }
  const folder = join(tmpdir(), `headroom-lowkey-vault-${VERSION}`);
  const jar = join(folder, `lowkey-vault-app-${VERSION}.jar`);
  if (existsSync(jar)) return { kind: 'found', jar };
  mkdirSync(folder, { recursive: true });
  const artifact = `com.github.nagyesta.lowkey-vault:lowkey-vault-app:${VERSION}`;
  const fetched = spawnSync(
    'mvn',
    ['-q', '-B', 'dependency:copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${folder}`],
    { cwd: folder, stdio: 'ignore', timeout: FETCH_TIMEOUT_MS },
  );
  if (fetched.status === 0 && existsSync(jar)) return { kind: 'found', jar };
  const why = fetched.error === undefined ? `Maven has no ${artifact}` : 'Maven is not there or does not answer';
  return { kind: 'missing', why: `${why}; set LOWKEY_VAULT_JAR to its jar` };
}

/** Starts it with an empty vault on free ports of loopback; rejects when it is not up within a minute. */
export async function startLowkeyVault(jar: string): Promise<LowkeyVault> {
  const { found, stop } = await startEmulator({
    name: 'Lowkey Vault',
    command: 'java',
    args: [
      '-jar',
      jar,
      '--server.address=127.0.0.1',
      '--server.port=0',
      '--app.token.port=0',
      '--LOWKEY_VAULT_RELAXED_PORTS=true',
      '--LOWKEY_AUTH_RESOURCE=vault.azure.net',
    ],
    startMs: START_TIMEOUT_MS,
    ready(log) {
      const [, https, http] = /Tomcat started on ports (\d+) \(https\), (\d+) \(http\)/.exec(log) ?? [];
      if (https === undefined || http === undefined || !log.includes('Started LowkeyVaultApp')) return null;
      return { https, http };
    },
  });
  const { https, http } = found;
  try {
    const certificate = await readCertificate(Number(https));
    return { vaultUrl: `https://localhost:${https}`, tokenUrl: `http://localhost:${http}`, certificate, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function javaVersion(): number | null {
  const { stderr } = spawnSync('java', ['-version'], { encoding: 'utf8' });
  const major = /version "(\d+)/.exec(stderr ?? '')?.[1];
  return major === undefined ? null : Number(major);
}

/** Asked without trust, so that the clients under test can be told to trust this one alone. */
function readCertificate(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', rejectUnauthorized: false }, () => {
      const certificate = socket.getPeerX509Certificate();
      socket.destroy();
      if (certificate === undefined) reject(new Error('Lowkey Vault shows no certificate'));
      else resolve(certificate.toString());
    });
    socket.once('error', reject);
  });
}
