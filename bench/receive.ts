/**
 * Alerts accepted per second with the durable write (SQLite, `synchronous=FULL`, 202 after commit), as a ratio to a bare
 * Node HTTP server that reads the same body and answers 202, in turn in one run; and p99 at 200 alerts a second.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import autocannon from 'autocannon';

const ROUNDS = 5;
const SECONDS = 4;
const CONNECTIONS = 64;
const VAULTS = 50;
const STEADY_PER_SECOND = 200;

const payload = JSON.parse(
  readFileSync(new URL('../test/fixtures/azure/metric-static-kv429-fired.json', import.meta.url), 'utf8'),
);

/** Distinct alerts over many vaults, so that the store sees new ones and known ones as in a real storm. */
function bodies(): string[] {
  return Array.from({ length: 2_000 }, (_, index) => {
    const copy = structuredClone(payload);
    const { essentials } = copy.data;
    const vault = `kv-bench-${index % VAULTS}`;
    essentials.alertTargetIDs = [essentials.alertTargetIDs[0].replace('kv-contoso', vault)];
    essentials.alertId = essentials.alertId.replace(/.{12}$/, String(index).padStart(12, '0'));
    return JSON.stringify(copy);
  });
}

async function startServer(kind: 'bare' | 'headroom', folder: string): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'receive-server.ts'), kind, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (!child.stdout) throw new Error('the server has no output');
  const [line] = await once(child.stdout, 'data');
  return { child, url: `http://127.0.0.1:${String(line).trim()}/api/alerts/azure` };
}

async function load(url: string, requests: string[], rate?: number) {
  const result = await autocannon({
    url,
    connections: CONNECTIONS,
    duration: SECONDS,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    requests: requests.map((body) => ({ body })),
    ...(rate === undefined ? {} : { overallRate: rate }),
  });
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`${result.non2xx} refused, ${result.errors} errors`);
  return { perSecond: result.requests.average, p50Ms: result.latency.p50, p99Ms: result.latency.p99 };
}

async function measure(kind: 'bare' | 'headroom', rate?: number) {
  const folder = mkdtempSync(join(tmpdir(), 'headroom-bench-'));
  const { child, url } = await startServer(kind, join(folder, 'store'));
  try {
    const requests = bodies();
    await load(url, requests.slice(0, 200), 500);
    return await load(url, requests, rate);
  } finally {
    child.kill();
    await once(child, 'exit');
    rmSync(folder, { recursive: true, force: true });
  }
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const rounds = [];
for (let round = 1; round <= ROUNDS; round += 1) {
  const bare = await measure('bare');
  const headroom = await measure('headroom');
  rounds.push({ bare, headroom, ratio: headroom.perSecond / bare.perSecond });
  process.stderr.write(
    `round ${round} of ${ROUNDS}: bare ${Math.round(bare.perSecond)}/s, headroom ${Math.round(headroom.perSecond)}/s\n`,
  );
}
const steady = await measure('headroom', STEADY_PER_SECOND);
const report = {
  what: `POST /api/alerts/azure, ${CONNECTIONS} connections, ${SECONDS} s, median of ${ROUNDS} rounds in turn`,
  barePerSecond: Math.round(median(rounds.map(({ bare }) => bare.perSecond))),
  headroomPerSecond: Math.round(median(rounds.map(({ headroom }) => headroom.perSecond))),
  ratio: Number(median(rounds.map(({ ratio }) => ratio)).toFixed(3)),
  headroomP99Ms: median(rounds.map(({ headroom }) => headroom.p99Ms)),
  steady: { perSecond: Math.round(steady.perSecond), p50Ms: steady.p50Ms, p99Ms: steady.p99Ms },
  node: process.version,
};
process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
