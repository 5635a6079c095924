import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import { openLocalStore } from '../../local/deps.ts';
import { readConfig } from '../../shared/config.ts';
import { type IncidentView, listInbox } from '../../shared/pipeline/read.ts';
import { type SlackServer, startSlackServer } from '../../simulation/servers/slack.ts';

/** Longer than any lease: by a clock so much later, whatever a dead process held is free. */
export const DEAD_FOR_MS = 10 * 60_000;
/** Far more than it takes: other work may have the machine. */
const COMES_TO_REST_WITHIN_MS = 100_000;
const LOOK_EVERY_MS = 50;

export type Chat = 'bot' | 'webhook';
export type Home = {
  program: string;
  path: string;
  environment: Record<string, string>;
  slack: SlackServer;
  children: ChildProcess[];
};
export type Process = { child: ChildProcess; url: string };

/** The program of the processes as one file: forty of them start in a quarter of the time that so many sources take. */
export async function buildChild(folder: string): Promise<string> {
  const file = join(folder, 'kill-child.mjs');
  await build({
    entryPoints: [resolve(import.meta.dirname, 'kill-child.ts')],
    outfile: file,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // Only loaded where logs are read and pictures drawn, of which nothing is configured here.
    external: ['@duckdb/node-api', '@resvg/resvg-wasm', 'dejavu-fonts-ttf'],
    banner: {
      js: "import { createRequire as outerRequire } from 'node:module';const require = outerRequire(import.meta.url);",
    },
    logLevel: 'silent',
  });
  return file;
}

/** Runs in a folder of its own, with one destination, at the other end of a real HTTP server. */
export async function withHome(program: string, chat: Chat, run: (home: Home) => Promise<void>): Promise<void> {
  const path = mkdtempSync(join(tmpdir(), 'headroom-kill-'));
  const slack = await startSlackServer();
  const bot = { HEADROOM_SLACK_BOT_TOKEN: slack.token, HEADROOM_SLACK_CHANNEL: slack.channel };
  const destination = chat === 'bot' ? bot : { HEADROOM_SLACK_WEBHOOK_URL: slack.webhookUrl };
  const environment = { HEADROOM_HOME: path, HEADROOM_SLACK_ENDPOINT: slack.endpoint, ...destination };
  const home = { program, path, environment, slack, children: [] };
  try {
    await run(home);
  } finally {
    await Promise.all(home.children.map(kill));
    await slack.close();
    rmSync(path, { recursive: true, force: true });
  }
}

export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

/**
 * @param killAt the point at which it kills itself; default: it lives on
 * @param behindMs how far its clock is behind: once it is dead, what it held has run out by the clock of the next
 */
export async function start(
  { program, environment, children }: Home,
  { killAt, behindMs = 0 }: { killAt?: string; behindMs?: number } = {},
): Promise<Process> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    ...environment,
    BEHIND_MS: String(behindMs),
    ...(killAt === undefined ? {} : { KILL_AT: killAt }),
  };
  const child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const [url] = await once(createInterface({ input: child.stdout }), 'line');
  return { child, url: String(url) };
}

/** Sends as an action group does: what is not answered 202 is sent again later. */
export async function isAccepted({ url }: Process, body: unknown): Promise<boolean> {
  const request = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(`${url}/api/alerts/azure`, request).catch(() => undefined);
  return response?.status === 202;
}

async function get({ url }: Process, path: string): Promise<unknown> {
  const response = await fetch(url + path);
  if (response.status !== 200) throw new Error(`${path} answered ${response.status}`);
  return response.json();
}

/** All incidents once nothing is left to do for any of them, and they are as asked for. */
export async function atRest(
  process: Process,
  isReached: (incident: IncidentView) => boolean,
): Promise<IncidentView[]> {
  const deadlineMs = Date.now() + COMES_TO_REST_WITHIN_MS;
  for (;;) {
    const { incidents } = (await get(process, '/api/incidents')) as { incidents: { id: string }[] };
    const views = (await Promise.all(
      incidents.map(({ id }) => get(process, `/api/incidents/${id}`)),
    )) as IncidentView[];
    const isDone = views.every(({ effects }) => effects.length === 1 && effects.every(({ state }) => state === 'sent'));
    if (views.length > 0 && isDone && views.every(isReached)) return views;
    if (Date.now() > deadlineMs) throw new Error(`not at rest: ${JSON.stringify(views)}`);
    await new Promise<void>((wake) => setTimeout(wake, LOOK_EVERY_MS));
  }
}

/** Which of the messages that reached the chat say that they may be repeats, oldest first. */
export function repeats({ slack }: Home): boolean[] {
  return slack.messages.map((message) => JSON.stringify(message).includes('may be a repeat'));
}

/**
 * States of the received payloads, as the file has them, once all are taken: what the dead process had received itself may
 * be taken later than what was sent again.
 */
export async function inboxAtRest({ environment }: Home): Promise<string[]> {
  const read = readConfig({ environment, cloud: 'local' });
  if (!read.ok) throw new Error('the configuration of the test is refused');
  const store = await openLocalStore(read.config);
  const deadlineMs = Date.now() + COMES_TO_REST_WITHIN_MS;
  try {
    for (;;) {
      const states = (await listInbox(store, { hours: 3, limit: 100 })).map(({ state }) => state);
      if (states.every((state) => state === 'taken') || Date.now() > deadlineMs) return states;
      await new Promise<void>((wake) => setTimeout(wake, LOOK_EVERY_MS));
    }
  } finally {
    await store.close();
  }
}
