import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { IncidentView } from '../../shared/pipeline/read.ts';
import { type SlackServer, startSlackServer } from '../../simulation/servers/slack.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const FAST_TIME = join(import.meta.dirname, 'fast-time.ts');

/** Ninety seconds of waiting are two and a quarter, five minutes until a merge seven and a half. */
const SPEED = 40;
const COMES_WITHIN_MS = 40_000;
const LOOK_EVERY_MS = 50;

/** An installation as it stands in one region: its own home, its own channel, and one process of `headroom serve`. */
export type Region = {
  slack: SlackServer;
  start(): Promise<void>;
  kill(): Promise<void>;
  /** As an action group: whether it was answered 202; what is not is for the caller to send again. */
  tell(alert: unknown): Promise<boolean>;
  incidents(): Promise<IncidentView[]>;
  url(): string;
};

type Network = { url: string; up: boolean; asked: number };

export type Regions = { first: Region; second: Region; network: Network };

/** Two installations that share nothing but the network by which the second asks the first. */
export async function withRegions(run: (regions: Regions) => Promise<void>): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'headroom-regions-'));
  const sinceMs = Date.now();
  const closing: (() => Promise<void>)[] = [];
  try {
    const first = await openRegion(join(home, 'first'), sinceMs, closing);
    const network = await openNetwork(() => first.url(), closing);
    const settings = join(home, 'second.json');
    writeFileSync(settings, JSON.stringify({ peer: { url: network.url } }));
    const second = await openRegion(join(home, 'second'), sinceMs, closing, settings);
    await Promise.all([first.start(), second.start()]);
    await run({ first, second, network });
  } finally {
    for (const close of closing.reverse()) await close();
    rmSync(home, { recursive: true, force: true });
  }
}

/** Resolves with what is looked for as soon as it is there. */
export async function until<T>(what: string, look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const deadlineMs = Date.now() + COMES_WITHIN_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadlineMs) throw new Error(`${what} did not come`);
    await new Promise<void>((wake) => setTimeout(wake, LOOK_EVERY_MS));
  }
}

async function openRegion(
  home: string,
  sinceMs: number,
  closing: (() => Promise<void>)[],
  settings?: string,
): Promise<Region> {
  const slack = await startSlackServer();
  closing.push(() => slack.close());
  let process_: { child: ChildProcess; url: string } | undefined;
  const kill = async (): Promise<void> => {
    const child = process_?.child;
    process_ = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
  closing.push(kill);
  const env = {
    PATH: process.env['PATH'] ?? '',
    FAST_TIME_SPEED: String(SPEED),
    FAST_TIME_SINCE: String(sinceMs),
    HEADROOM_HOME: home,
    HEADROOM_SLACK_ENDPOINT: slack.endpoint,
    HEADROOM_SLACK_BOT_TOKEN: slack.token,
    HEADROOM_SLACK_CHANNEL: slack.channel,
    ...(settings === undefined ? {} : { HEADROOM_SETTINGS: settings }),
  };
  const call = async (path: string): Promise<unknown> => {
    const response = await fetch(`${process_?.url}${path}`);
    if (response.status !== 200) throw new Error(`${path} answered ${response.status}`);
    return response.json();
  };
  return {
    slack,
    kill,
    url: () => process_?.url ?? '',
    async start() {
      const command = ['--import', FAST_TIME, join(ROOT, 'cli/headroom.mjs'), 'serve', '--port', '0'];
      const child = spawn(process.execPath, command, { env, cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'] });
      process_ = { child, url: '' };
      const url = await listening(child);
      process_ = { child, url };
    },
    async tell(alert) {
      const body = JSON.stringify(alert);
      const headers = { 'content-type': 'application/json' };
      const sent = fetch(`${process_?.url ?? 'http://127.0.0.1:9'}/api/alerts/azure`, {
        method: 'POST',
        headers,
        body,
      });
      return (await sent.catch(() => undefined))?.status === 202;
    },
    async incidents() {
      const { incidents } = (await call('/api/incidents')) as { incidents: { id: string }[] };
      return (await Promise.all(incidents.map(({ id }) => call(`/api/incidents/${id}`)))) as IncidentView[];
    },
  };
}

async function listening(child: ChildProcess): Promise<string> {
  if (!child.stderr) throw new Error('no output to read the address from');
  for await (const line of createInterface({ input: child.stderr })) {
    const [, url] = /headroom listens on (\S+)/.exec(line) ?? [];
    if (url === undefined) continue;
    child.stderr.resume();
    return url;
  }
  throw new Error('headroom serve ended before it listened');
}

/** What lies between the regions: asks the first on behalf of the second while it is up, and cuts every connection while it is not. */
async function openNetwork(target: () => string, closing: (() => Promise<void>)[]): Promise<Network> {
  const network: Network = { url: '', up: true, asked: 0 };
  const server = createServer((incoming, outgoing) => {
    network.asked += 1;
    if (!network.up || target() === '') return void incoming.socket.destroy();
    const onward = request(new URL(incoming.url ?? '/', target()), { method: incoming.method ?? 'GET' }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.once('error', () => incoming.socket.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((listens) => server.listen(0, '127.0.0.1', listens));
  closing.push(
    () =>
      new Promise<void>((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  );
  const address = server.address();
  network.url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  return network;
}
