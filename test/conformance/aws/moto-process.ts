/**
 * Moto, an emulator of many services of AWS that is nobody's here, installed from PyPI outside the tree.
 *
 * @see https://github.com/getmoto/moto
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmulator } from '../emulator.ts';

const VERSION = '5.2.5';
const INSTALL_TIMEOUT_MS = 110_000;

/** Its extra `server` would bring what checks templates and specifications, several times all of this. */
const PACKAGES = [`moto[dynamodb,s3,secretsmanager,sqs]==${VERSION}`, 'flask', 'flask-cors'];

/** @returns the Python that has it; installs it when this machine has not done so yet; or why there is none to be had */
export function findMoto(
  print: (line: string) => void,
): { kind: 'found'; python: string } | { kind: 'missing'; why: string } {
  const folder = join(tmpdir(), `headroom-moto-${VERSION}`);
  const python = join(folder, 'bin', 'python3');
  if (existsSync(python)) return { kind: 'found', python };
  print(`installing moto ${VERSION}: about half a minute, once`);
  mkdirSync(tmpdir(), { recursive: true });
  const fresh = mkdtempSync(join(tmpdir(), 'headroom-moto-'));
  const problem = install(fresh);
  if (problem === null) {
    rmSync(folder, { recursive: true, force: true });
    renameSync(fresh, folder);
    return { kind: 'found', python };
  }
  rmSync(fresh, { recursive: true, force: true });
  return { kind: 'missing', why: problem };
}

/** Modules are found beside the interpreter, so the folder may be renamed when it is whole. */
function install(folder: string): string | null {
  const options = { encoding: 'utf8', timeout: INSTALL_TIMEOUT_MS } as const;
  const made = spawnSync('python3', ['-m', 'venv', folder], options);
  if (made.error !== undefined) return 'this machine has no python3';
  if (made.status !== 0) return 'python3 has no venv: install the Debian package python3-venv, or its like';
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-compile', ...PACKAGES];
  const installed = spawnSync(join(folder, 'bin', 'python3'), pip, options);
  if (installed.status === 0) return null;
  return `pip cannot get moto ${VERSION}: ${(installed.stderr ?? '').trim().split('\n').at(-1) ?? ''}`.slice(0, 300);
}

/**
 * Starts it empty on a free port of loopback; rejects when it is not up within half a minute.
 *
 * @param options.denies checks who calls, as it otherwise does not; it knows nobody
 */
export async function startMoto(
  python: string,
  options: { denies?: boolean } = {},
): Promise<{ origin: string; stop(): Promise<void> }> {
  const denying = options.denies === true ? { INITIAL_NO_AUTH_ACTION_COUNT: '0' } : {};
  const { found, stop } = await startEmulator({
    name: 'moto',
    command: python,
    args: ['-m', 'moto.server', '-H', '127.0.0.1', '-p', '0'],
    environment: { PYTHONUNBUFFERED: '1', MOTO_ACCOUNT_ID: '123456789012', ...denying },
    ready: (log) => /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(log)?.[1] ?? null,
  });
  return { origin: found, stop };
}
