import type { Queue, Records } from '../ports.ts';
import { chatPartition, EVIDENCE_PREFIX, inboxPartition, PAYLOAD_PREFIX, snsPartition, watchKey } from './keys.ts';
import type { WatchDeps } from './watch.ts';

/** Raw payloads and dead letters are kept this long (design §11, field-notes 36). */
const PAYLOAD_DAYS = 14;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const PAGE = 200;

/** Deletions in one run, so that a minute's run stays short; the rest waits for the next. */
const MAX_DELETED = 2_000;

/** Dead letters looked at in one run. */
const MAX_DEAD_LISTED = 1_000;

/** Evidence younger than its retention stands among the payloads that are listed by age. */
const MAX_LISTED = 20_000;

export type Expired = { inboxExpired: number; payloadsExpired: number; deadExpired: number };

type ExpiryMark = { v: 1; hour: string };

/** Deletes received payloads, requests of chat platforms, dead letters and evidence that have passed their retention; runs once an hour of the clock. */
export async function expire(deps: WatchDeps, signal?: AbortSignal): Promise<Expired> {
  const nowMs = deps.clock.now();
  const due = new Date(nowMs - PAYLOAD_DAYS * DAY_MS).toISOString().slice(0, 13);
  const key = watchKey('expiry');
  const mark = await deps.records.get<ExpiryMark>(key);
  if (mark?.value.hour === due) return { inboxExpired: 0, payloadsExpired: 0, deadExpired: 0 };
  const inboxExpired = await expireInbox(deps.records, mark?.value.hour, nowMs);
  signal?.throwIfAborted();
  const payloadsExpired = await expirePayloads(deps, nowMs, signal);
  if (inboxExpired < MAX_DELETED && payloadsExpired < MAX_DELETED)
    await deps.records.put<ExpiryMark>(key, { v: 1, hour: due }, mark?.revision ?? 'absent');
  const deadExpired = await expireDeadLetters(deps.queue, nowMs);
  return { inboxExpired, payloadsExpired, deadExpired };
}

async function expireDeadLetters(queue: Queue, nowMs: number): Promise<number> {
  const before = new Date(nowMs - PAYLOAD_DAYS * DAY_MS).toISOString();
  const old = (await queue.dead(MAX_DEAD_LISTED)).filter((letter) => letter.diedAt < before);
  for (const letter of old) await letter.remove();
  return old.length;
}

/** Payloads go after 14 days, evidence after the retention of the configuration. */
async function expirePayloads(deps: WatchDeps, nowMs: number, signal?: AbortSignal): Promise<number> {
  const before = (days: number): string => new Date(nowMs - days * DAY_MS).toISOString();
  const evidence = await deps.payloads.olderThan(before(deps.retention.evidenceDays), MAX_DELETED);
  const payloads = await deps.payloads.olderThan(before(PAYLOAD_DAYS), MAX_LISTED);
  const old = new Set([
    ...evidence.filter((id) => id.startsWith(EVIDENCE_PREFIX)),
    ...payloads.filter((id) => id.startsWith(PAYLOAD_PREFIX)),
  ]);
  for (const id of old) {
    signal?.throwIfAborted();
    await deps.payloads.delete(id);
  }
  return old.size;
}

/** Empties the hours that have passed their retention, from where the last run ended. */
async function expireInbox(records: Records, fromHour: string | undefined, nowMs: number): Promise<number> {
  const endMs = nowMs - PAYLOAD_DAYS * DAY_MS;
  let atMs = fromHour === undefined ? endMs - 2 * DAY_MS : Date.parse(`${fromHour}:00:00.000Z`);
  let deleted = 0;
  for (; atMs + HOUR_MS <= endMs && deleted < MAX_DELETED; atMs += HOUR_MS) {
    const hour = new Date(atMs).toISOString();
    for (const partition of [inboxPartition(hour), snsPartition(hour), chatPartition(hour)])
      deleted += await empty(records, partition);
  }
  return deleted;
}

async function empty(records: Records, partition: string): Promise<number> {
  let deleted = 0;
  for (;;) {
    const page = await records.list(partition, { limit: PAGE });
    for (const { id, revision } of page) await records.delete({ partition, id }, revision);
    deleted += page.length;
    if (page.length < PAGE || deleted >= MAX_DELETED) return deleted;
  }
}
