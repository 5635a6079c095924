import { desireRevision } from '../incidents/effects.ts';
import type { IncidentRecord } from '../incidents/record.ts';
import type { RecordKey, Time } from '../model.ts';
import type { Clock, PayloadStore, Queue, Records, Stored } from '../ports.ts';
import { type Erasure, erase } from './erase.ts';
import type { InboxRecord } from './inbox.ts';
import {
  auditPartition,
  chatPartition,
  evidenceName,
  inboxPartition,
  incidentPartition,
  indexPartition,
  stormPartition,
} from './keys.ts';

export type ForgetDeps = { records: Records; payloads: PayloadStore; queue: Queue; clock: Clock };

/** One place where the person occurs, and how often. */
type Place = { where: string; places: number };

export type Forgotten = {
  found: Place[];
  /** Payloads that are still being taken in, and records that others kept changing: to be forgotten by a second run. */
  left: string[];
};

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Longer than payloads and questions are kept. */
const PAYLOAD_HOURS = 16 * 24;
/** Longer than incidents are kept, also where `watch` stood still for weeks. */
const INDEX_DAYS = 460;
/** The audit trail is kept for ever; this project is younger. */
const AUDIT_DAYS = 3_660;
const PAGE = 500;
/** Partitions that are read at once. */
const AT_ONCE = 8;
const TRIES = 5;

/**
 * Takes a person out of everything that is kept: incidents, their evidence, payloads, questions from chat. The audit trail
 * keeps what was done, by a pseudonym that nobody can trace back. Messages in chats that can be edited are edited.
 *
 * Doing it again is harmless, and finds nothing. A dry run changes nothing.
 */
export async function forgetPerson(
  deps: ForgetDeps,
  erasure: Erasure,
  options: { dryRun: boolean },
): Promise<Forgotten> {
  const run: Run = { ...deps, erasure, dryRun: options.dryRun, result: { found: [], left: [] } };
  const now = deps.clock.now();
  await each(timesBack(now, HOUR_MS, PAYLOAD_HOURS), async (at) => {
    await inPartition(run, inboxPartition(at));
    await inPartition(run, chatPartition(at));
  });
  await each(timesBack(now, DAY_MS, AUDIT_DAYS), (at) => inPartition(run, auditPartition(at)));
  const incidents = new Set<string>();
  await each(timesBack(now, DAY_MS, INDEX_DAYS), async (at) => {
    for await (const { value } of rowsOf<{ incidentId: string }>(run, indexPartition(at)))
      incidents.add(value.incidentId);
  });
  await each([...incidents], async (incidentId) => {
    await inPartition(run, incidentPartition(incidentId));
    await inPartition(run, stormPartition(incidentId));
    await inPayload(run, evidenceName(incidentId), `evidence of ${incidentId}`);
  });
  const byPlace = (a: Place, b: Place): number => (a.where < b.where ? -1 : 1);
  return { found: run.result.found.toSorted(byPlace), left: run.result.left.toSorted() };
}

type Run = ForgetDeps & { erasure: Erasure; dryRun: boolean; result: Forgotten };

/** Beginning a little ahead, since other machines' clocks may be. */
function timesBack(nowMs: number, stepMs: number, steps: number): Time[] {
  return Array.from({ length: steps + 1 }, (_, back) => new Date(nowMs + stepMs - back * stepMs).toISOString());
}

async function each<T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values();
  const worker = async (): Promise<void> => {
    for (const item of rest) await run(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

async function* rowsOf<T>({ records }: Pick<Run, 'records'>, partition: string): AsyncGenerator<Stored<T>> {
  for (let after: string | undefined; ; ) {
    const page = await records.list<T>(partition, { limit: PAGE, ...(after === undefined ? {} : { after }) });
    yield* page;
    after = page.at(-1)?.id;
    if (page.length < PAGE) return;
  }
}

async function inPartition(run: Run, partition: string): Promise<void> {
  for await (const row of rowsOf<object>(run, partition)) {
    const stored = storedPayloadOf(row.value);
    if (stored !== undefined) await inPayload(run, stored, `payload of ${partition} ${row.id}`);
    await inRecord(run, { partition, id: row.id }, row);
  }
}

/** Name of the payload that an inbox record points at. */
function storedPayloadOf(value: object): string | undefined {
  return 'stored' in value && typeof value.stored === 'string' ? value.stored : undefined;
}

async function inRecord(run: Run, key: RecordKey, read: Stored<object>): Promise<void> {
  const where = `${key.partition} ${key.id}`;
  let row: Stored<object> | null = read;
  for (let tries = 0; row && tries < TRIES; tries += 1) {
    const { value, places } = erase(row.value, run.erasure);
    if (places === 0) return;
    if (isBeingTakenIn(row.value)) return void run.result.left.push(where);
    const written = run.dryRun || (await run.records.put(key, toldAnew(value), row.revision)) !== 'conflict';
    if (written) {
      run.result.found.push({ where, places });
      if (!run.dryRun && isIncident(value)) await run.queue.send({ v: 1, incidentId: value.id });
      return;
    }
    row = await run.records.get<object>(key);
  }
  if (row) run.result.left.push(where);
}

/** Its alerts are told by what the payload says; changing that now could make two of one. */
function isBeingTakenIn(value: object): boolean {
  const state: InboxRecord['state'] = 'received';
  return 'receivedAt' in value && 'state' in value && value.state === state;
}

function isIncident(value: object): value is IncidentRecord {
  return 'fingerprint' in value && 'effects' in value && 'revision' in value;
}

/** What stands in a chat and can be edited is to be edited. */
function toldAnew(value: object): object {
  if (!isIncident(value)) return value;
  const revision = value.revision + 1;
  const editable = value.effects.filter(({ delivered }) => delivered !== undefined && delivered.ref !== null);
  const destinations = editable.map(({ key }) => ({ key, canEdit: true }));
  return { ...value, revision, effects: desireRevision(value.effects, destinations, revision, 'update') };
}

async function inPayload(run: Run, name: string, where: string): Promise<void> {
  const bytes = await run.payloads.get(name);
  if (!bytes) return;
  const { value, places } = erase(Buffer.from(bytes).toString('utf8'), run.erasure);
  if (places === 0) return;
  if (!run.dryRun) await run.payloads.put(name, Buffer.from(value));
  run.result.found.push({ where, places });
}
