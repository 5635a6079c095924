import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { IncidentRecord } from '../shared/incidents/record.ts';
import { type ListRequest, listInbox, listIncidents, type ReadDeps } from '../shared/pipeline/read.ts';
import type { Queue } from '../shared/ports.ts';

const FIRED = readFileSync(new URL('../test/fixtures/azure/metric-static-kv429-fired.json', import.meta.url), 'utf8');
const CONNECTIONS = 64;
const PAGE = 100;

export type Storm = { alerts: number; resources: number; seconds: number };

/** Distinct alerts that fire now, in turn about each of the vaults. */
export function* stormOf({ alerts, resources }: Storm, firedAt: string): Generator<string> {
  for (let nth = 0; nth < alerts; nth += 1) {
    const body = JSON.parse(FIRED);
    const { essentials } = body.data;
    essentials.alertTargetIDs = [essentials.alertTargetIDs[0].replace('kv-contoso', `kv-storm-${nth % resources}`)];
    essentials.alertId = essentials.alertId.replace(/.{12}$/, String(nth).padStart(12, '0'));
    essentials.firedDateTime = firedAt;
    yield JSON.stringify(body);
  }
}

export type Sent = { accepted: number; refused: number; latenciesMs: number[]; seconds: number };

/** Sends a storm evenly over its seconds; each latency counts from when the alert was due. Refused ones are not sent again. */
export async function sendStorm(url: string, storm: Storm): Promise<Sent> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const startedMs = performance.now();
  const latenciesMs: number[] = [];
  const running = new Set<Promise<void>>();
  let accepted = 0;
  let nth = 0;
  for (const body of stormOf(storm, new Date().toISOString())) {
    const dueMs = startedMs + (nth / storm.alerts) * storm.seconds * 1_000;
    nth += 1;
    const earlyMs = dueMs - performance.now();
    if (earlyMs > 1) await sleep(earlyMs);
    if (running.size >= CONNECTIONS) await Promise.race(running);
    const one = post(`${url}/api/alerts/azure`, body, agent).then((status) => {
      running.delete(one);
      latenciesMs.push(performance.now() - dueMs);
      if (status === 202) accepted += 1;
    });
    running.add(one);
  }
  await Promise.all(running);
  agent.destroy();
  latenciesMs.sort((a, b) => a - b);
  return { accepted, refused: storm.alerts - accepted, latenciesMs, seconds: (performance.now() - startedMs) / 1_000 };
}

function post(url: string, body: string, agent: Agent): Promise<number> {
  return new Promise((done, fail) => {
    const headers = { 'content-type': 'application/json' };
    const outgoing = request(url, { method: 'POST', agent, headers }, (response) => {
      response.resume();
      response.on('end', () => done(response.statusCode ?? 0));
    });
    outgoing.on('error', fail);
    outgoing.end(body);
  });
}

export type Account = {
  /** Payloads that no incident has taken in yet. */
  untaken: number;
  alerts: number;
  incidents: number;
  storms: number;
  outcomes: Record<string, number>;
  waiting: number;
  dead: number;
};

/** What a store holds of the last hour: how many alerts stand in incidents, with which outcomes, and what is left to do. */
export async function accountOf(store: ReadDeps & { queue: Queue }): Promise<Account> {
  const untaken = await listInbox(store, { hours: 1, limit: 1_000, state: 'received' });
  const outcomes: Record<string, number> = {};
  const account = { alerts: 0, incidents: 0, storms: 0 };
  for await (const incident of allIncidents(store)) {
    if (incident.storm) account.storms += 1;
    else account.incidents += 1;
    account.alerts += incident.accepted.length;
    for (const { outcome = 'undecided' } of incident.accepted) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  }
  return { untaken: untaken.length, ...account, outcomes, ...(await store.queue.depth()) };
}

async function* allIncidents(store: ReadDeps): AsyncGenerator<IncidentRecord> {
  for (let request: ListRequest = { limit: PAGE }; ; ) {
    const { incidents, next } = await listIncidents(store, request);
    yield* incidents;
    if (next === undefined) return;
    request = { limit: PAGE, after: next };
  }
}
