/**
 * From a command or a press to its acknowledgement, over HTTP as Slack sends it, with the store on disk (SQLite,
 * `synchronous=FULL`): one after another, and 20 people at once. And what it costs to render a full message.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { startLocal } from '../local/server.ts';
import { buildMessage } from '../shared/chat/message.ts';
import { renderSlack } from '../shared/chat/slack/message.ts';
import { renderTeams } from '../shared/chat/teams/message.ts';
import { readConfig } from '../shared/config.ts';
import { startSlackServer } from '../simulation/servers/slack.ts';
import { type Deed, slackPeople } from '../simulation/servers/slack-people.ts';
import { CASES } from '../test/shared/chat/cases.ts';

const COUNT = 500;
const AT_ONCE = 20;
const RENDERS = 500;
const VAULTS = 30;
const SIGNING_SECRET = 'a-signing-secret';
const SCOPE = '00000000-0000-0000-0000-000000000000';

const silent = { info() {}, warn() {}, error() {} };
const home = mkdtempSync(join(tmpdir(), 'headroom-bench-chat-'));
const slack = await startSlackServer();
const read = readConfig({
  cloud: 'local',
  environment: {
    HEADROOM_HOME: home,
    HEADROOM_SLACK_ENDPOINT: slack.endpoint,
    HEADROOM_SLACK_BOT_TOKEN: slack.token,
    HEADROOM_SLACK_CHANNEL: slack.channel,
    HEADROOM_SLACK_SIGNING_SECRET: SIGNING_SECRET,
  },
  settings: {
    scopes: [SCOPE],
    approvers: [{ people: ['slack:T0SIMULATED/U0ALEX'], actions: ['*'] }],
    // Each incident is to have its own message, however fast they are opened here.
    storm: { perMinute: 1_000 },
  },
});
if (!read.ok) throw new Error(JSON.stringify(read.problems));
const local = await startLocal(read.config, { host: '127.0.0.1', port: 0, log: silent, out() {}, colour: false });
const people = slackPeople({ slack, app: local.url, signingSecret: SIGNING_SECRET });

/** Open incidents in the store. @returns the first, whose message stands in the channel */
async function fill(): Promise<string> {
  const fixture = new URL('../test/fixtures/azure/metric-static-kv429-fired.json', import.meta.url);
  const body = JSON.parse(readFileSync(fixture, 'utf8'));
  let first: string | undefined;
  for (let vault = 0; vault < VAULTS; vault += 1) {
    const copy = structuredClone(body);
    const { essentials } = copy.data;
    const [target] = essentials.alertTargetIDs;
    essentials.alertTargetIDs = [target.replace(/[0-9a-f-]{36}/, SCOPE).replace('kv-contoso', `kv-bench-${vault}`)];
    essentials.alertId = essentials.alertId.replace(/.{12}$/, String(vault).padStart(12, '0'));
    const answer = await fetch(`${local.url}/api/alerts/azure`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(copy),
    });
    const taken: unknown = await answer.json();
    if (typeof taken === 'object' && taken !== null && 'incident' in taken) first ??= String(taken.incident);
  }
  if (first === undefined) throw new Error('no alert was taken in');
  for (let waited = 0; waited < 300 && messageOf(first) === undefined; waited += 1) await setTimeout(100);
  return first;
}

function messageOf(id: string) {
  return slack.messages.find(({ metadata }) => metadata?.event_payload['incident_id'] === id);
}

async function measure(what: string, make: () => Deed, atOnce: number) {
  const latencies: number[] = [];
  for (let done = 0; done < COUNT; done += atOnce) {
    const deeds = Array.from({ length: atOnce }, make);
    const shown = await Promise.all(deeds.map((deed) => deed.send()));
    for (const one of shown) {
      if (one === 'operation_timeout' || one.status !== 200) throw new Error(`${what}: ${JSON.stringify(one)}`);
      latencies.push(one.ms);
    }
  }
  return { what, atOnce, ...quantiles(latencies) };
}

function quantiles(values: number[]): { p50Ms: number; p99Ms: number } {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => Number((sorted[Math.floor(sorted.length * share)] ?? Number.NaN).toFixed(2));
  return { p50Ms: at(0.5), p99Ms: at(0.99) };
}

function measureRender(what: string, render: () => unknown) {
  const times = Array.from({ length: RENDERS }, () => {
    const startedMs = performance.now();
    render();
    return performance.now() - startedMs;
  });
  return { what, ...quantiles(times.slice(RENDERS / 10)) };
}

try {
  const id = await fill();
  const message = messageOf(id);
  if (!message) throw new Error('no message of the incident stands in the channel');
  const posted = structuredClone(message);
  const status = () => people.types('status');
  const why = () => people.types(`why ${id}`);
  const silence = () => people.types(`silence ${id} 2h`);
  const press = () => people.presses(posted, 'ack');
  await measure('warm', status, AT_ONCE);
  const acknowledged = [
    await measure('press ack', press, 1),
    await measure('press ack', press, AT_ONCE),
    await measure('status', status, 1),
    await measure('status', status, AT_ONCE),
    await measure('why', why, 1),
    await measure('why', why, AT_ONCE),
    await measure('silence', silence, 1),
  ];
  const full = CASES['retry-storm'];
  if (!full) throw new Error('no such case');
  const built = buildMessage(full);
  const rendered = [
    measureRender('build', () => buildMessage(full)),
    measureRender('slack', () => renderSlack(built)),
    measureRender('teams', () => renderTeams(built)),
  ];
  process.stdout.write(
    `${JSON.stringify({ incidents: VAULTS, acknowledged, rendered, node: process.version }, null, 2)}\n`,
  );
} finally {
  await local.close();
  await slack.close();
  rmSync(home, { recursive: true, force: true });
}
