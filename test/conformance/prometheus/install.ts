/**
 * Prometheus and Alertmanager from Debian's packages, unpacked outside the tree: nothing is installed, so nobody has to be root.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PACKAGES = ['prometheus', 'prometheus-alertmanager'];
const FETCH_TIMEOUT_MS = 120_000;

/** What starts each: a command and its first arguments. */
export type Programs = { prometheus: readonly string[]; alertmanager: readonly string[] };

/** Both programs: those of this machine, else unpacked from their packages; or why there are none to be had. */
export function findPrometheus(
  print: (line: string) => void,
): { kind: 'found'; programs: Programs } | { kind: 'missing'; why: string } {
  const folder = join(tmpdir(), `headroom-prometheus-${process.arch}`);
  const installed = programsIn('/');
  if (installed !== null) return { kind: 'found', programs: installed };
  if (programsIn(folder) === null) {
    print(`unpacking ${PACKAGES.join(' and ')}: some seconds, once`);
    mkdirSync(tmpdir(), { recursive: true });
    const fresh = mkdtempSync(join(tmpdir(), 'headroom-prometheus-'));
    const why = unpack(fresh);
    if (why !== null) {
      rmSync(fresh, { recursive: true, force: true });
      return { kind: 'missing', why };
    }
    rmSync(folder, { recursive: true, force: true });
    renameSync(fresh, folder);
  }
  const programs = programsIn(folder);
  if (programs === null) return { kind: 'missing', why: 'the packages hold other programs than they did' };
  const root = withShare(folder);
  if (spawnSync(root[0] ?? '', [...root.slice(1), 'true'], { stdio: 'ignore' }).status !== 0)
    return {
      kind: 'missing',
      why: 'this machine lets nobody mount: put the Debian package prometheus-alertmanager onto it',
    };
  return { kind: 'found', programs: { ...programs, alertmanager: [...root, ...programs.alertmanager] } };
}

function programsIn(root: string): Programs | null {
  const [prometheus, alertmanager] = PACKAGES.map((name) => join(root, 'usr', 'bin', name));
  if (prometheus === undefined || alertmanager === undefined) return null;
  return existsSync(prometheus) && existsSync(alertmanager)
    ? { prometheus: [prometheus], alertmanager: [alertmanager] }
    : null;
}

/** Debian's Alertmanager reads its templates from /usr/share alone: it sees one of its own, and nobody else sees that. */
function withShare(folder: string): string[] {
  const share = join(folder, 'usr', 'share', 'prometheus');
  const script =
    'mount -t tmpfs none /usr/share && mkdir -p /usr/share/prometheus && cp -r "$0"/. /usr/share/prometheus/ && exec "$@"';
  return ['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c', script, share];
}

function unpack(folder: string): string | null {
  const run = (command: string, args: string[]) =>
    spawnSync(command, args, { cwd: folder, stdio: 'ignore', timeout: FETCH_TIMEOUT_MS });
  if (run('apt-get', ['--version']).error !== undefined) return 'this machine has no apt-get: put both into /usr/bin';
  const fetched = run('apt-get', ['download', ...PACKAGES]).status === 0;
  // The lists of packages may be missing or old; only root may renew them.
  if (!fetched && process.getuid?.() === 0) run('apt-get', ['update']);
  if (!fetched && run('apt-get', ['download', ...PACKAGES]).status !== 0)
    return `apt-get cannot get ${PACKAGES.join(' and ')}`;
  const archives = readdirSync(folder).filter((name) => name.endsWith('.deb'));
  const unpacked = archives.every((name) => run('dpkg', ['-x', name, '.']).status === 0);
  for (const name of archives) rmSync(join(folder, name));
  return unpacked ? null : 'dpkg cannot unpack the packages';
}
