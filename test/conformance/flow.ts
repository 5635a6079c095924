/** What the whole flow is put through on either cloud: the same alerts, the same storm, the same counts at the end. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect } from 'vitest';
import type { IncidentRecord } from '../../shared/incidents/record.ts';
import type { Queue, Records, Stored } from '../../shared/ports.ts';
import type { SlackServer } from '../../simulation/servers/slack.ts';

export const TOKEN = 'a-token-for-tests';
export const FIRED = readFileSync(
  resolve(import.meta.dirname, '../fixtures/azure/metric-static-kv429-fired.json'),
  'utf8',
);

/** Of a storm. */
export const ALERTS = 1_000;
export const VAULTS = 50;

/** For a storm to be received and worked off: ten times what a quiet machine takes, for others may be at work here. */
export const STORM_MS = 240_000;

/** The clouds' timer comes every minute. */
const WATCH_EVERY_MS = 60_000;

const LOOK_EVERY_MS = 50;

/** The fixture as the nth alert, on one of the vaults. */
function stormAlert(n: number): string {
  const body = JSON.parse(FIRED);
  const { essentials } = body.data;
  const vault = `kv-burst-${n % VAULTS}`;
  essentials.alertId = essentials.alertId.replace(/[^/]+$/, `00000000-0000-0000-0000-${String(n).padStart(12, '0')}`);
  essentials.alertTargetIDs = [essentials.alertTargetIDs[0].replace(/[^/]+$/, vault)];
  essentials.configurationItems = [vault];
  essentials.firedDateTime = new Date(Date.now() - n).toISOString();
  return JSON.stringify(body);
}

/** The fixture with so much beside it that it does not fit into a record. */
export function largeAlert(): string {
  const body = JSON.parse(FIRED);
  body.data.customProperties = { notes: 'x'.repeat(100_000) };
  return JSON.stringify(body);
}

/** Waits until it holds; what the processes said last is told when it does not come true. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  { withinMs, log }: { withinMs: number; log(): string },
): Promise<void> {
  const endsAtMs = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > endsAtMs) throw new Error(`it did not come true within ${withinMs} ms; the log ends:\n${log()}`);
    await new Promise((done) => setTimeout(done, LOOK_EVERY_MS));
  }
}

type Answer = { status: number; body: string };

/** The storm, sent by several at once: all of it is accepted, each alert ends in one outcome, each message stands once, nothing dies. */
export async function playStorm(world: {
  /** One for each that sends. */
  receivers: readonly ((body: string) => Promise<Answer>)[];
  records: Records;
  queue: Queue;
  slack: SlackServer;
  /** The minute's watch, which takes up what was left behind. */
  watch(): Promise<unknown>;
  log(): string;
}): Promise<void> {
  const timer = setInterval(() => void world.watch().catch(() => undefined), WATCH_EVERY_MS);
  try {
    await sendStorm(world);
  } finally {
    clearInterval(timer);
  }
}

async function sendStorm({ receivers, records, queue, slack, log }: Parameters<typeof playStorm>[0]): Promise<void> {
  const startedMs = Date.now();
  const numbers = Array.from({ length: ALERTS }, (_, n) => n);
  const incidents = new Set<string>();
  const statuses = new Set<number>();
  const send = async (receive: (body: string) => Promise<Answer>): Promise<void> => {
    for (let n = numbers.shift(); n !== undefined; n = numbers.shift()) {
      const { status, body } = await receive(stormAlert(n));
      statuses.add(status);
      incidents.add(JSON.parse(body).incident);
    }
  };
  await Promise.all(receivers.map(send));
  const receivedMs = Date.now() - startedMs;
  expect([[...statuses], incidents.size]).toEqual([[202], VAULTS]);
  let progress = '';
  const told = { sent: 0 };
  const soFar = (): string => `${progress}\n${log()}`;
  await until(
    async () => {
      const inbox = await inboxSince(records, startedMs);
      const taken = inbox.filter(({ value }) => value.state === 'taken').length;
      progress = `${taken} of ${inbox.length} taken in, ${JSON.stringify(await queue.depth())}`;
      return inbox.length === ALERTS && taken === ALERTS;
    },
    { withinMs: STORM_MS - receivedMs, log: soFar },
  );
  await until(
    async () => {
      const settled = await Promise.all([...incidents].map((id) => settledIn(records, id)));
      told.sent = settled.reduce((sum, one) => sum + (one?.sent ?? 0), 0);
      progress = `${sumOf(settled)} settled in ${settled.filter((one) => one !== null).length} incidents, ${told.sent} told`;
      return settled.every((one) => one !== null) && sumOf(settled) === ALERTS;
    },
    { withinMs: STORM_MS - (Date.now() - startedMs), log: soFar },
  );
  const summaries = slack.messages.filter((message) => /alert storm/i.test(JSON.stringify(message))).length;
  expect(slack.messages.length - summaries).toBe(told.sent);
  expect(told.sent === VAULTS || summaries > 0).toBe(true);
  expect((await queue.depth()).dead).toBe(0);
  const workedOffMs = Date.now() - startedMs;
  process.stderr.write(`        ${ALERTS} alerts: received in ${receivedMs} ms, worked off in ${workedOffMs} ms\n`);
}

type Settled = { alerts: number; sent: number };

/** Alerts of the incident that have their outcome, and its messages; null while one of either is still to come. */
async function settledIn(records: Records, id: string): Promise<Settled | null> {
  const stored = await records.get<IncidentRecord>({ partition: `incident/${id}`, id: 'state' });
  if (stored === null) return null;
  const { accepted, acceptedEarlier, effects } = stored.value;
  if (accepted.some(({ outcome }) => outcome === undefined) || effects.some(({ state }) => state !== 'sent'))
    return null;
  const earlier = Object.values(acceptedEarlier).reduce((sum, count) => sum + count, 0);
  return { alerts: accepted.length + earlier, sent: effects.length };
}

function sumOf(settled: readonly (Settled | null)[]): number {
  return settled.reduce((sum, one) => sum + (one?.alerts ?? 0), 0);
}

/** What was received, which may have gone on into the next hour. */
async function inboxSince(records: Records, startedMs: number): Promise<Stored<{ state: string }>[]> {
  const hours = new Set([startedMs, Date.now()].map((ms) => new Date(ms).toISOString().slice(0, 13)));
  const lists = [...hours].map((hour) => records.list<{ state: string }>(`inbox/${hour}`, { limit: ALERTS }));
  return (await Promise.all(lists)).flat();
}

/** A letter that no waiting mends has died after the platform's own tries, is listed, and can be forgotten. */
export async function expectDead(queue: Queue, attempts: number, reason?: string): Promise<void> {
  const [letter] = await queue.dead(10);
  expect(letter).toMatchObject({ message: BROKEN, attempts });
  if (reason !== undefined) expect(letter?.reason).toContain(reason);
  await letter?.remove();
  expect(await queue.depth()).toEqual({ waiting: 0, dead: 0 });
}

/** A message of the queue that nobody can work on. */
export const BROKEN: unknown = { v: 1 };
