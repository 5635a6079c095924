/**
 * From an alert to its first message, over HTTP, while everything outside takes its time: once each answer of metrics, logs,
 * Resource Manager and the chat takes one second, once metrics and logs accept a request and never answer. Fails above the bound.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocal } from '../local/server.ts';
import { systemClock } from '../shared/adapters/system/clock.ts';
import { readConfig } from '../shared/config.ts';
import { ask, LATE, type LiveAzure, startLiveAzure, storm } from '../test/local/live-azure.ts';
import { fakeChat } from '../test/shared/pipeline/chat.ts';
import { azureAlert } from '../test/shared/pipeline/kit.ts';

const RUNS = 3;
/** Of each answer from outside. */
const DELAY_MS = 1_000;
/** Whoever is called should find the message there when the laptop is open. */
const BOUND_MS = 10_000;
/** After this time a message counts as never sent. */
const GIVEN_UP_AFTER_MS = 60_000;
const MEMORY = { HEADROOM_RECORDS: 'memory', HEADROOM_QUEUE: 'memory', HEADROOM_PAYLOADS: 'memory' };

const silent = { info() {}, warn() {}, error() {} };

type Outside = { what: string; delayMs: number; prepare?: (azure: LiveAzure) => void };

const OUTSIDE: Outside[] = [
  { what: `each answer takes ${DELAY_MS / 1_000} s`, delayMs: DELAY_MS },
  {
    what: 'metrics and logs never answer',
    delayMs: DELAY_MS,
    prepare: ({ logs, metrics }) => {
      logs.weather.next = () => 'hang';
      metrics.weather.next = () => ({ hang: 'before' });
    },
  },
];

/** @returns milliseconds from the alert's arrival until its first message is at the chat */
async function firstMessageMs({ delayMs, prepare }: Outside): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'headroom-bench-first-'));
  const azure = await startLiveAzure({ folder, now: systemClock.now, delayMs: () => delayMs });
  const alertAtMs = systemClock.now() - 60_000;
  ask(azure, storm(), { alertAtMs, arrival: LATE });
  prepare?.(azure);
  Object.assign(process.env, azure.identity);
  const read = readConfig({ cloud: 'local', environment: { ...MEMORY, ...azure.environment } });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  const chat = fakeChat();
  const post = chat.post.bind(chat);
  const posted = Promise.withResolvers<number>();
  chat.post = async (rendered, signal) => {
    await systemClock.sleep(delayMs, signal);
    posted.resolve(performance.now());
    return post(rendered, signal);
  };
  const options = { host: '127.0.0.1', port: 0, log: silent, out() {}, colour: false, senders: [chat] };
  const local = await startLocal(read.config, options);
  const sentAtMs = performance.now();
  const givenUp = setTimeout(() => posted.resolve(Number.POSITIVE_INFINITY), GIVEN_UP_AFTER_MS);
  await fetch(`${local.url}/api/alerts/azure`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(azureAlert({ firedAt: new Date(alertAtMs).toISOString() })),
  });
  const takenMs = (await posted.promise) - sentAtMs;
  clearTimeout(givenUp);
  await local.close();
  await azure.close();
  rmSync(folder, { recursive: true, force: true });
  return takenMs;
}

// What is loaded at the first question, the interpreter behind the simulated workspace above all, is no part of an alert's way.
await firstMessageMs({ what: 'warm-up', delayMs: 0 });
for (const outside of OUTSIDE) {
  const taken: number[] = [];
  for (let run = 0; run < RUNS; run += 1) taken.push(await firstMessageMs(outside));
  const isGood = Math.max(...taken) < BOUND_MS;
  if (!isGood) process.exitCode = 1;
  const seconds = taken.map((ms) => (ms / 1_000).toFixed(1)).join(', ');
  console.log(
    `${outside.what}: first message after ${seconds} s (bound ${BOUND_MS / 1_000} s): ${isGood ? 'ok' : 'TOO LATE'}`,
  );
}
