import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { startLocal } from '../../local/server.ts';
import { readConfig } from '../../shared/config.ts';
import { type Account, accountFor } from './account.ts';
import type { Sample } from './flat.ts';
import { callsOver, countingChat } from './load.ts';
import { sampleNow } from './sample.ts';

const SENDERS = 20;
const DRAIN_MS = 60_000;
/** Of a run of 10 min: 60 looks. */
const LOOKS = 60;

/** The server of one machine under load over HTTP, in real time. */
export async function soakReal(options: {
  home: string;
  alerts: number;
  minutes: number;
  onSample(sample: Sample): void;
}): Promise<{ samples: Sample[]; account: Account; slowestMs: number }> {
  const { home, alerts, minutes } = options;
  const read = readConfig({ environment: { HEADROOM_HOME: home }, cloud: 'local' });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  const chat = countingChat();
  const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const local = await startLocal(read.config, {
    ...{ host: '127.0.0.1', port: 0, log: silent, out: () => undefined, colour: false },
    senders: [chat],
  });
  // A connection each: one that is kept is closed by the server just as an alert goes out on it, on a machine that is busy.
  const agent = new Agent({ keepAlive: false, maxSockets: SENDERS });
  const startMs = Date.now();
  const lengthMs = minutes * 60_000;
  const samples: Sample[] = [];
  const looking = new AbortController();
  const looks = look(samples, { startMs, everyMs: Math.max(2_000, lengthMs / LOOKS), ...options }, looking.signal);
  let slowestMs = 0;
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  for (const { atMs, body } of callsOver({ alerts, startMs, lengthMs })) {
    if (failures.length > 0) break;
    if (atMs > Date.now()) await sleep(atMs - Date.now());
    while (running.size >= SENDERS) await Promise.race(running);
    const sentMs = Date.now();
    const sent = post(`${local.url}/api/alerts/azure`, body, agent)
      .then((status) => {
        if (status !== 202) throw new Error(`it was answered ${status}`);
        slowestMs = Math.max(slowestMs, Date.now() - sentMs);
      })
      .catch((error: unknown) => void failures.push(error))
      .finally(() => running.delete(sent));
    running.add(sent);
  }
  await Promise.all(running);
  looking.abort();
  await looks;
  const [cause] = failures;
  if (cause !== undefined) throw new Error('an alert could not be sent', { cause });
  const account = await settled(() => accountFor(local.deps, { alerts, fromMs: startMs, toMs: Date.now() }, chat));
  agent.destroy();
  await local.close();
  return { samples, account, slowestMs };
}

async function look(
  samples: Sample[],
  { startMs, everyMs, onSample }: { startMs: number; everyMs: number; onSample(sample: Sample): void },
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    const sample = sampleNow(Date.now() - startMs);
    samples.push(sample);
    onSample(sample);
  }
}

/** What is left is worked off, for a minute at most. */
async function settled(account: () => Promise<Account>): Promise<Account> {
  const endsMs = Date.now() + DRAIN_MS;
  for (;;) {
    const now = await account();
    if (now.problems.length === 0 || Date.now() > endsMs) return now;
    await sleep(1_000);
  }
}

function post(url: string, body: string, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const sent = request(url, { method: 'POST', headers, agent }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode ?? 0));
      response.once('error', reject);
    });
    sent.once('error', reject);
    sent.end(body);
  });
}
