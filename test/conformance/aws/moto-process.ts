/**
 * Moto, an emulator of many services of AWS that is nobody's here, installed from PyPI outside the tree.
 *
 * @see https://github.com/getmoto/moto
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const VERSION = '5.2.5';
const INSTALL_TIMEOUT_MS = 110_000;
const START_TIMEOUT_MS = 30_000;
const LOG_CHARACTERS = 10_000;

/** Its extra `server` would bring what checks templates and specifications, several times all of this. */
const PACKAGES = [`moto[dynamodb,s3,sqs]==${VERSION}`, 'flask', 'flask-cors'];

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
  const child = spawn(python, ['-m', 'moto.server', '-H', '127.0.0.1', '-p', '0'], {
    env: { PATH: process.env['PATH'] ?? '', PYTHONUNBUFFERED: '1', MOTO_ACCOUNT_ID: '123456789012', ...denying },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()).once('error', () => resolve()));
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill); // a run that is broken off must not leave it behind
  const stop = async (): Promise<void> => {
    process.off('exit', kill);
    kill();
    await ended;
  };
  try {
    const port = await new Promise<string>((resolve, reject) => {
      let log = '';
      const giveUp = (why: string): void => reject(new Error(`moto ${why}. Its log ends:\n${log}`));
      const late = setTimeout(() => giveUp('did not start in time'), START_TIMEOUT_MS);
      child.once('error', reject).once('exit', (code) => {
        clearTimeout(late);
        giveUp(`ended with code ${code}`);
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        log = (log + text).slice(-LOG_CHARACTERS);
        const port = /Running on http:\/\/127\.0\.0\.1:(\d+)/.exec(log)?.[1];
        if (port === undefined) return;
        clearTimeout(late);
        resolve(port);
      });
    });
    return { origin: `http://127.0.0.1:${port}`, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
