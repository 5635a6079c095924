import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

const LOG_CHARACTERS = 10_000;
const DEFAULT_START_MS = 30_000;

export type Emulator<T> = {
  /** What its log said when it was up: ports, mostly. */
  found: T;
  /** The end of what it wrote. */
  log(): string;
  stop(): Promise<void>;
};

/**
 * Starts a program of somebody else's and waits until its log says that it is up. It ends with this process, however that ends
 * (a kill that cannot be caught excepted).
 *
 * @param program.ready what the log says, or null while it is not up
 */
export async function startEmulator<T>(program: {
  name: string;
  command: string;
  args: readonly string[];
  /** All that it sees, beside PATH. */
  environment?: Record<string, string>;
  folder?: string;
  startMs?: number;
  ready(log: string): T | null;
}): Promise<Emulator<T>> {
  const { name, command, args, environment = {}, folder, startMs = DEFAULT_START_MS, ready } = program;
  const child = spawn(command, args, {
    env: { PATH: process.env['PATH'] ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(folder === undefined ? {} : { cwd: folder }),
  });
  endWithUs(child);
  let log = '';
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  try {
    const found = await new Promise<T>((resolve, reject) => {
      const giveUp = (why: string): void => reject(new Error(`${name} ${why}. Its log ends:\n${log}`));
      const late = setTimeout(() => giveUp(`was not up within ${startMs / 1_000} s`), startMs);
      const read = (text: Buffer): void => {
        log = (log + text).slice(-LOG_CHARACTERS);
        const said = ready(log);
        if (said === null) return;
        clearTimeout(late);
        resolve(said);
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
      child.once('error', (error) => {
        clearTimeout(late);
        reject(error);
      });
      child.once('exit', (code) => {
        clearTimeout(late);
        giveUp(`ended with code ${code}`);
      });
    });
    return { found, log: () => log, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A run that is broken off must leave nothing behind; `run.ts` turns signals into exits. */
export function endWithUs(child: ChildProcess): void {
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
}
