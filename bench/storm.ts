/**
 * `npm run bench:storm -- [--alerts N] [--resources N] [--seconds N]`: an alert storm over HTTP against `headroom serve` with
 * a simulated Slack: none lost, how long a sender waits, memory, what is posted, and when all of it is worked off.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openLocalStore } from '../local/deps.ts';
import { readConfig } from '../shared/config.ts';
import { startSlackServer } from '../simulation/servers/slack.ts';
import { accountOf, sendStorm } from './storm-load.ts';

const { values } = parseArgs({
  options: {
    alerts: { type: 'string', default: '10000' },
    resources: { type: 'string', default: '500' },
    seconds: { type: 'string', default: '60' },
  },
});
const storm = { alerts: Number(values.alerts), resources: Number(values.resources), seconds: Number(values.seconds) };
const WORKED_OFF_WITHIN_MS = 10 * 60_000;

/** What may wait when all is done: a storm that goes on is looked over now and then. */
const LOOKS = 1;

const home = mkdtempSync(join(tmpdir(), 'headroom-storm-'));
const slack = await startSlackServer();
const environment = {
  HEADROOM_HOME: home,
  HEADROOM_SLACK_ENDPOINT: slack.endpoint,
  HEADROOM_SLACK_BOT_TOKEN: slack.token,
  HEADROOM_SLACK_CHANNEL: slack.channel,
};
const command = resolve(import.meta.dirname, '../cli/headroom.mjs');
const child = spawn(process.execPath, [command, 'serve', '--port', '0'], {
  env: { PATH: process.env['PATH'] ?? '', ...environment },
  stdio: ['ignore', 'ignore', 'pipe'],
});
try {
  const url = await listening();
  const peak = watchMemory();
  const sent = await sendStorm(url, storm);
  const startedMs = performance.now();
  const config = readConfig({ environment, cloud: 'local' });
  if (!config.ok) throw new Error(JSON.stringify(config.problems));
  const store = await openLocalStore(config.config);
  let account = await accountOf(store);
  while (account.untaken > 0 || account.waiting > LOOKS) {
    if (performance.now() - startedMs > WORKED_OFF_WITHIN_MS) break;
    await sleep(2_000);
    account = await accountOf(store);
  }
  const workedOffSeconds = Math.round((performance.now() - startedMs) / 1_000);
  await store.close();
  const at = (share: number): number =>
    Math.round(sent.latenciesMs[Math.floor(sent.latenciesMs.length * share)] ?? Number.NaN);
  const { latenciesMs: _latencies, ...counts } = sent;
  const lost = sent.accepted - account.alerts;
  const report = {
    storm,
    sent: { ...counts, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: Math.round(sent.latenciesMs.at(-1) ?? Number.NaN) },
    lost,
    account,
    workedOffSeconds,
    memoryMiB: peak(),
    slack: {
      posts: slack.messages.length,
      edits: slack.messages.reduce((sum, { edits }) => sum + edits, 0),
      mostPostsInOneSecond: mostInOneSecond(slack.messages.map(({ ts }) => ts)),
      last: slack.messages.at(-1)?.text,
    },
    node: process.version,
  };
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  process.exitCode = lost === 0 && account.untaken === 0 && account.dead === 0 ? 0 : 1;
} finally {
  child.kill();
  await once(child, 'exit');
  await slack.close();
  rmSync(home, { recursive: true, force: true });
}

async function listening(): Promise<string> {
  for await (const line of createInterface({ input: child.stderr })) {
    const url = /listens on (http:\S+)/.exec(line)?.[1];
    if (url !== undefined) {
      child.stderr.resume();
      return url;
    }
  }
  throw new Error('the server has ended before it listened');
}

/** Peak and last resident memory of the server, MiB. */
function watchMemory(): () => { peak: number; last: number } {
  const read = (name: string): number => {
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
    return Math.round(Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1_024);
  };
  return () => ({ peak: read('VmHWM'), last: read('VmRSS') });
}

function mostInOneSecond(stamps: readonly string[]): number {
  const seconds = Map.groupBy(stamps, (ts) => ts.split('.')[0]);
  return Math.max(0, ...[...seconds.values()].map((group) => group.length));
}
