/**
 * AWS's own runtime client for Node, installed outside the tree: it compiles curl and its C++ core while it installs,
 * which `npm ci` of this project must never need.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const VERSION = '4.0.2';
const CLIENT = join('node_modules', 'aws-lambda-ric', 'index.mjs');
const NATIVE_PART = join('node_modules', 'aws-lambda-ric', 'rapid-client.node');

/** What its install scripts call, and the Debian package that holds it. */
const TOOLS = { cmake: 'cmake', make: 'make', 'g++': 'g++', python3: 'python3', xz: 'xz-utils' } as const;

/** @returns the path of the client's start file; installs it when this machine has not done so yet */
export function installRuntimeClient(print: (line: string) => void): string {
  const folder = join(tmpdir(), `headroom-aws-lambda-ric-${VERSION}-${process.arch}`);
  if (existsSync(join(folder, NATIVE_PART))) return join(folder, CLIENT);
  provideTools(print);
  print(`installing aws-lambda-ric ${VERSION}: it compiles for about a minute, once`);
  mkdirSync(tmpdir(), { recursive: true });
  const fresh = mkdtempSync(join(tmpdir(), 'headroom-aws-lambda-ric-'));
  writeFileSync(join(fresh, 'package.json'), '{"private":true}\n');
  const install = spawnSync('npm', ['install', '--no-audit', '--no-fund', `aws-lambda-ric@${VERSION}`], {
    cwd: fresh,
    encoding: 'utf8',
  });
  if (install.status !== 0 || !existsSync(join(fresh, NATIVE_PART))) {
    rmSync(fresh, { recursive: true, force: true });
    const tail = `${install.stdout ?? ''}${install.stderr ?? ''}`.split('\n').slice(-30).join('\n');
    throw new Error(`aws-lambda-ric ${VERSION} could not be installed. Last lines of npm:\n${tail}`);
  }
  rmSync(folder, { recursive: true, force: true });
  renameSync(fresh, folder);
  return join(folder, CLIENT);
}

function provideTools(print: (line: string) => void): void {
  const missing = missingTools();
  if (missing.length === 0) return;
  const packages = missing.map((tool) => TOOLS[tool]);
  if (process.getuid?.() === 0 && has('apt-get')) {
    print(`installing ${packages.join(', ')} with apt-get`);
    spawnSync('apt-get', ['update'], { stdio: 'ignore' });
    spawnSync('apt-get', ['install', '-y', '--no-install-recommends', ...packages], { stdio: 'ignore' });
  }
  if (missingTools().length > 0)
    throw new Error(
      `aws-lambda-ric compiles at install and this machine lacks ${missingTools().join(', ')}: ` +
        `install the Debian packages ${packages.join(' ')} (or their like) and run this again`,
    );
}

function missingTools(): (keyof typeof TOOLS)[] {
  const tools: (keyof typeof TOOLS)[] = ['cmake', 'make', 'g++', 'python3', 'xz'];
  return tools.filter((tool) => !has(tool));
}

function has(tool: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${tool}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
