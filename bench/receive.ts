/**
 * Alerts accepted per second with the durable write (SQLite, `synchronous=FULL`, 202 after commit), as a ratio to a bare
 * Node HTTP server that reads the same body and answers 202, in turn in one run; and p99 at 200 alerts a second.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import autocannon from 'autocannon';

const ROUNDS = 5;
const SECONDS = 4;
const CONNECTIONS = 64;
const VAULTS = 50;
const STEADY_PER_SECOND = 200;
const STEADY_SECONDS = 10;

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

/** As many as the server takes. */
async function load(url: string, requests: string[], seconds = SECONDS) {
  const result = await autocannon({
    url,
    connections: CONNECTIONS,
    duration: seconds,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    requests: requests.map((body) => ({ body })),
  });
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`${result.non2xx} refused, ${result.errors} errors`);
  return { perSecond: result.requests.average, p99Ms: result.latency.p99 };
}

/** One request each 5 ms whether or not the last one has been answered, each timed from when it was due. */
async function loadSteadily(url: string, requests: string[]) {
  const agent = new Agent({ keepAlive: true });
  const startedMs = performance.now() + 100;
  const count = STEADY_PER_SECOND * STEADY_SECONDS;
  const latencies = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const dueMs = startedMs + (index * 1000) / STEADY_PER_SECOND;
      await setTimeout(dueMs - performance.now());
      await send(url, agent, requests[index % requests.length] ?? '');
      return performance.now() - dueMs;
    }),
  );
  agent.destroy();
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => Number((latencies[Math.floor(count * share)] ?? Number.NaN).toFixed(2));
  return { perSecond: STEADY_PER_SECOND, p50Ms: at(0.5), p99Ms: at(0.99) };
}

async function send(url: string, agent: Agent, body: string): Promise<void> {
  const outgoing = request(url, { method: 'POST', agent, headers: { 'content-type': 'application/json' } });
  outgoing.end(body);
  const [response] = await once(outgoing, 'response');
  response.resume();
  await once(response, 'end');
  if (response.statusCode !== 202) throw new Error(`answered ${response.statusCode}`);
}

async function measure<T>(kind: 'bare' | 'headroom', run: (url: string, requests: string[]) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'headroom-bench-'));
  const { child, url } = await startServer(kind, join(folder, 'store'));
  try {
    const requests = bodies();
    await load(url, requests, 1);
    return await run(url, requests);
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
  const bare = await measure('bare', load);
  const headroom = await measure('headroom', load);
  rounds.push({ bare, headroom, ratio: headroom.perSecond / bare.perSecond });
  process.stderr.write(
    `round ${round} of ${ROUNDS}: bare ${Math.round(bare.perSecond)}/s, headroom ${Math.round(headroom.perSecond)}/s\n`,
  );
}
const steady = await measure('headroom', loadSteadily);
const report = {
  what: `POST /api/alerts/azure, ${CONNECTIONS} connections, ${SECONDS} s, median of ${ROUNDS} rounds in turn`,
  barePerSecond: Math.round(median(rounds.map(({ bare }) => bare.perSecond))),
  headroomPerSecond: Math.round(median(rounds.map(({ headroom }) => headroom.perSecond))),
  ratio: Number(median(rounds.map(({ ratio }) => ratio)).toFixed(3)),
  headroomP99Ms: median(rounds.map(({ headroom }) => headroom.p99Ms)),
  steady,
  node: process.version,
};
process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
