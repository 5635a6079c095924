import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

export type Measured = {
  wallMs: number;
  /** Of all its processes; more than the wall's where several threads work. */
  cpuMs: number;
  /** Most that the process itself, without its children, held of memory. */
  peakBytes: number;
};

const LOOK_EVERY_MS = 10;
/** Of Linux, the same on every machine that this runs on. */
const TICKS_PER_SECOND = 100;

/**
 * Runs a command to its end, with a home and a temporary folder of its own so that no settings are found. Null where it
 * does not exist or fails. What /proc said last counts, so that up to ten milliseconds of processor time are missed.
 */
export async function measureProcess(command: readonly string[], folder: string): Promise<Measured | null> {
  const [name = '', ...args] = command;
  const startedMs = performance.now();
  const child = spawn(name, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, TMPDIR: folder },
  });
  const last = { cpuMs: 0, peakBytes: 0 };
  const cpuOf = new Map<number, number>();
  const look = setInterval(() => {
    if (child.pid === undefined) return;
    for (const pid of [child.pid, ...childrenOf(child.pid)]) cpuOf.set(pid, cpuMsOf(pid) ?? cpuOf.get(pid) ?? 0);
    last.cpuMs = [...cpuOf.values()].reduce((sum, ms) => sum + ms, 0);
    last.peakBytes = Math.max(last.peakBytes, peakBytesOf(child.pid));
  }, LOOK_EVERY_MS);
  try {
    const [code] = await once(child, 'exit');
    return code === 0 ? { wallMs: performance.now() - startedMs, ...last } : null;
  } catch {
    return null;
  } finally {
    clearInterval(look);
  }
}

function childrenOf(pid: number): number[] {
  const tasks = `/proc/${pid}/task`;
  if (!existsSync(tasks)) return [];
  return readdirSync(tasks).flatMap((task) =>
    (read(`${tasks}/${task}/children`) ?? '').split(' ').filter(Boolean).map(Number),
  );
}

function cpuMsOf(pid: number): number | null {
  const fields = read(`/proc/${pid}/stat`)?.split(') ')[1]?.split(' ');
  if (fields === undefined) return null;
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
}

function peakBytesOf(pid: number): number {
  const [, kilobytes = '0'] = /VmHWM:\s+(\d+)/.exec(read(`/proc/${pid}/status`) ?? '') ?? [];
  return Number(kilobytes) * 1024;
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
