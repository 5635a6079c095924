/**
 * Cold start of each built bundle: from process start until its handler is loaded, above a bare Node that loads nothing.
 * Bundles and bare runs take turns. The fastest run of each counts: what else the machine does only ever makes one slower.
 *
 * `node bench/cold-start.ts [runs]`
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildBundles } from '../infra/build.ts';

const RUNS = Number(process.argv[2] ?? 21);

const folder = mkdtempSync(join(tmpdir(), 'headroom-cold-start-'));
const bare = join(folder, 'bare.cjs');
writeFileSync(bare, '');
const candidates = [
  { name: 'bare node', file: bare },
  ...(await buildBundles(folder)).map(({ cloud, entry, file }) => ({ name: `${cloud} ${entry}`, file })),
].map((candidate) => ({ ...candidate, plainMs: [] as number[], cachedMs: [] as number[] }));

for (let run = 0; run < RUNS; run += 1)
  for (const candidate of candidates) {
    candidate.plainMs.push(startMs(candidate.file, {}));
    candidate.cachedMs.push(startMs(candidate.file, { NODE_COMPILE_CACHE: join(folder, 'cache') }));
  }

const [base] = candidates;
for (const { name, file, plainMs, cachedMs } of candidates) {
  const above = name === 'bare node' ? 0 : 1;
  const plain = fastest(plainMs) - above * fastest(base?.plainMs ?? []);
  const cached = fastest(cachedMs) - above * fastest(base?.cachedMs ?? []);
  process.stdout.write(
    `${name.padEnd(15)} ${(statSync(file).size / 1024).toFixed(0).padStart(5)} KiB  ${plain.toFixed(1).padStart(6)} ms  ${cached.toFixed(1).padStart(6)} ms with a warm compile cache\n`,
  );
}
rmSync(folder, { recursive: true });

function startMs(file: string, environment: Record<string, string>): number {
  const started = performance.now();
  const { status } = spawnSync(process.execPath, [file], { env: environment, stdio: 'ignore' });
  if (status !== 0) throw new Error(`${file} ended with ${status}`);
  return performance.now() - started;
}

function fastest(values: readonly number[]): number {
  return Math.min(...values);
}
