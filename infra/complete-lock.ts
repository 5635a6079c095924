/**
 * Completes `package-lock.json` after `npm install`: where a registry does not hold the optional packages of other platforms,
 * npm leaves them out of the lock, and `npm ci` then refuses it. Their names say which platform they are for, so that no
 * machine fetches those that are not its own.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const FILE = new URL('../package-lock.json', import.meta.url);

type Entry = {
  version?: string;
  dev?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
};

type Lock = { packages: Record<string, Entry> };

const OS: Record<string, string> = {
  darwin: 'darwin',
  linux: 'linux',
  win32: 'win32',
  windows: 'win32',
  android: 'android',
  freebsd: 'freebsd',
  netbsd: 'netbsd',
  openbsd: 'openbsd',
  openharmony: 'openharmony',
  sunos: 'sunos',
  aix: 'aix',
};
const CPU = ['arm64', 'x64', 'arm', 'ia32', 'ppc64', 's390x', 'riscv64', 'loong64', 'mips64el', 'wasm32'];

/** Optional packages that are named by another and stand nowhere in the lock. */
export function missingOptional(lock: Lock): { name: string; version: string; dev: boolean }[] {
  const present = new Set(
    Object.keys(lock.packages).map((path) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)),
  );
  const missing = new Map<string, { name: string; version: string; dev: boolean }>();
  for (const [path, entry] of Object.entries(lock.packages))
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {}))
      if (!present.has(name)) missing.set(name, { name, version, dev: (entry.dev ?? false) && path !== '' });
  return [...missing.values()];
}

/** The entry of a package that is never installed here: its platform is read off its name. */
function entryOf({ name, version, dev }: { name: string; version: string; dev: boolean }): Entry {
  const words = name.split(/[/@-]/);
  const os = words.flatMap((word) => OS[word] ?? []);
  const cpu = CPU.filter((kind) => words.includes(kind) || (kind === 'x64' && words.includes('amd64')));
  if (os.length === 0 && !words.includes('wasm32')) throw new Error(`${name} does not say which platform it is for`);
  return {
    version: version.replace(/^[\^~]/, ''),
    ...(cpu.length > 0 ? { cpu } : {}),
    ...(dev ? { dev } : {}),
    ...(words.some((word) => word.includes('musl')) ? { libc: ['musl'] } : {}),
    optional: true,
    ...(os.length > 0 ? { os: [...new Set(os)] } : {}),
  };
}

if (import.meta.main) {
  const lock: Lock = JSON.parse(readFileSync(FILE, 'utf8'));
  const missing = missingOptional(lock);
  for (const one of missing) lock.packages[`node_modules/${one.name}`] = entryOf(one);
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(FILE, `${JSON.stringify(lock, null, 2)}\n`);
  process.stdout.write(`${missing.length} packages of other platforms added\n`);
}
