import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, test } from 'vitest';
import { openLocalStore } from '../../local/deps.ts';
import { readConfig } from '../../shared/config.ts';
import { type IncidentView, listInbox } from '../../shared/pipeline/read.ts';
import { type SlackServer, startSlackServer } from '../../simulation/servers/slack.ts';
import { azureAlert } from '../shared/pipeline/kit.ts';
import { KILL_POINTS } from './kill-points.ts';

const CHILD = resolve(import.meta.dirname, 'kill-child.ts');
const COMES_TO_REST_WITHIN_MS = 25_000;
const LOOK_EVERY_MS = 50;

type Chat = 'bot' | 'webhook';
type Home = { path: string; environment: Record<string, string>; slack: SlackServer; children: ChildProcess[] };
type Process = { child: ChildProcess; url: string };

/** Runs in a folder of its own, with one destination, at the other end of a real HTTP server. */
async function withHome(chat: Chat, run: (home: Home) => Promise<void>): Promise<void> {
  const path = mkdtempSync(join(tmpdir(), 'headroom-kill-'));
  const slack = await startSlackServer();
  const bot = { HEADROOM_SLACK_BOT_TOKEN: slack.token, HEADROOM_SLACK_CHANNEL: slack.channel };
  const destination = chat === 'bot' ? bot : { HEADROOM_SLACK_WEBHOOK_URL: slack.webhookUrl };
  const environment = { HEADROOM_HOME: path, HEADROOM_SLACK_ENDPOINT: slack.endpoint, ...destination };
  const home = { path, environment, slack, children: [] };
  try {
    await run(home);
  } finally {
    await Promise.all(home.children.map(kill));
    await slack.close();
    rmSync(path, { recursive: true, force: true });
  }
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

async function start({ environment, children }: Home, killAt?: string): Promise<Process> {
  const env = { PATH: process.env['PATH'] ?? '', ...environment, ...(killAt === undefined ? {} : { KILL_AT: killAt }) };
  const child = spawn(process.execPath, [CHILD], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const [url] = await once(createInterface({ input: child.stdout }), 'line');
  return { child, url: String(url) };
}

/** Sends as an action group does: what is not answered 202 is sent again later. */
async function isAccepted({ url }: Process, body: unknown): Promise<boolean> {
  const request = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(`${url}/api/alerts/azure`, request).catch(() => undefined);
  return response?.status === 202;
}

async function get({ url }: Process, path: string): Promise<unknown> {
  const response = await fetch(url + path);
  expect(response.status).toBe(200);
  return response.json();
}

/** All incidents once nothing is left to do for any of them, and they are as asked for. */
async function atRest(process: Process, isReached: (incident: IncidentView) => boolean): Promise<IncidentView[]> {
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

function repeats({ slack }: Home): boolean[] {
  return slack.messages.map((message) => JSON.stringify(message).includes('may be a repeat'));
}

const firedMs = Date.now() - 60_000;
const times = { firedAt: new Date(firedMs).toISOString(), resolvedAt: new Date(firedMs + 30_000).toISOString() };
const FIRED = azureAlert({ firedAt: times.firedAt });
const RESOLVED = azureAlert({ ...times, condition: 'Resolved' });

const BEFORE_POST = 'before the first post';
const AFTER_POST = 'after the first post, before it is recorded';

/** Where a plain webhook differs: it can be neither asked nor edited. */
const OF_WEBHOOK = [
  BEFORE_POST,
  AFTER_POST,
  'after the first post is recorded',
  'after the diagnosis',
  'after the ack',
];

const CASES: [string, Chat][] = [
  ...Object.keys(KILL_POINTS).map((killAt): [string, Chat] => [killAt, 'bot']),
  ...OF_WEBHOOK.map((killAt): [string, Chat] => [killAt, 'webhook']),
];

/**
 * Which of the first messages say that they may be repeats. Only where a send may have been under way to a webhook, the
 * one gap that no client can close (design §5), is there any doubt.
 */
function expectedRepeats(killAt: string, chat: Chat): boolean[] {
  if (chat === 'bot') return [false];
  return killAt === BEFORE_POST ? [true] : killAt === AFTER_POST ? [false, true] : [false];
}

describe('kill -9', () => {
  test.concurrent.each(CASES)(
    '%s (%s): the alert has one outcome and the message stands once',
    async (killAt, chat) => {
      await withHome(chat, async (home) => {
        const first = await start(home, killAt);
        const exited = once(first.child, 'exit');
        const accepted = await isAccepted(first, FIRED);
        expect(await exited).toEqual([null, 'SIGKILL']);

        const second = await start(home);
        if (!accepted) expect(await isAccepted(second, FIRED)).toBe(true);
        const [incident, ...others] = await atRest(second, ({ delivery }) => delivery === 'diagnosed');
        expect(others).toEqual([]);
        expect(incident?.alerts.map(({ outcome }) => outcome)).toEqual(['posted']);
        expect(repeats(home)).toEqual(expectedRepeats(killAt, chat));

        const before = home.slack.messages.length;
        expect(await isAccepted(second, RESOLVED)).toBe(true);
        const [resolved] = await atRest(second, ({ lifecycle }) => lifecycle.state === 'resolved');
        expect(resolved?.id).toBe(incident?.id);
        expect(resolved?.alerts.map(({ outcome }) => outcome)).toEqual(['posted', 'joined']);
        const standing = home.slack.messages.at(-1);
        expect(home.slack.messages).toHaveLength(chat === 'bot' ? 1 : before + 1);
        expect(JSON.stringify(standing)).toContain('Resolved');
        expect(repeats(home).at(-1)).toBe(false);
        await kill(second.child);
        await expectInboxTaken(home);
      });
    },
    60_000,
  );
});

async function expectInboxTaken(home: Home): Promise<void> {
  const read = readConfig({ environment: home.environment, cloud: 'local' });
  if (!read.ok) throw new Error('the configuration of the test is refused');
  const store = await openLocalStore(read.config);
  const lines = await listInbox(store, { hours: 3, limit: 100 });
  await store.close();
  expect(lines.map(({ state }) => state)).toEqual(lines.map(() => 'taken'));
  expect(lines.length).toBeGreaterThanOrEqual(2);
}
