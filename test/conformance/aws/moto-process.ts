/**
 * Moto, an emulator of many services of AWS that is nobody's here, installed from PyPI outside the tree.
 *
 * @see https://github.com/getmoto/moto
 */
import { fileURLToPath } from 'node:url';
import { startEmulator } from '../emulator.ts';
import { type FoundPython, findPython } from '../python.ts';

const VERSION = '5.2.5';

/** Its extra `server` would bring what checks templates and specifications, several times all of this. */
const PACKAGES = [`moto[dynamodb,s3,secretsmanager,sqs]==${VERSION}`, 'flask', 'flask-cors'];

/** @returns the Python that has it, or why there is none to be had */
export function findMoto(print: (line: string) => void): FoundPython {
  return findPython({ name: 'moto', version: VERSION, packages: PACKAGES }, print);
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
    args: [fileURLToPath(new URL('./moto-server.py', import.meta.url)), '-H', '127.0.0.1', '-p', '0'],
    environment: { PYTHONUNBUFFERED: '1', MOTO_ACCOUNT_ID: '123456789012', ...denying },
    ready: (log) => /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(log)?.[1] ?? null,
  });
  return { origin: found, stop };
}
