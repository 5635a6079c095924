import { hash } from 'node:crypto';
import { asHeadroomError, HeadroomError, isHeadroomError } from '../errors.ts';
import type { Alert, RecordKey, Source, Time } from '../model.ts';
import type { PayloadStore, Records, Stored } from '../ports.ts';
import type { ReceiveDeps } from './deps.ts';
import { deadKey, payloadName } from './keys.ts';
import { readVersioned } from './versions.ts';

/** Payloads up to this size stand in the inbox record itself: even fully escaped they fit into 256 KiB. */
const INLINE_BYTES = 40_000;

/** What is kept of a payload that passes the size bound (field-notes 23). */
export const KEPT_OF_TOO_LARGE_BYTES = 65_536;

/** One received payload. `dead`: understood by no source, kept to be looked at and replayed. */
export type InboxRecord = {
  v: 1;
  source: string;
  receivedAt: Time;
  hash: string;
  bytes: number;
  truncated?: true;
  /** The payload as text, or where it is stored. */
  body?: string;
  stored?: string;
} & (
  | { state: 'received'; alerts?: AssignedAlert[]; taken?: string[] }
  | { state: 'taken'; alerts: AssignedAlert[]; taken?: string[] }
  | { state: 'dead'; error: string; path: string }
);

export type AssignedAlert = { id: string; incidentId: string };

function hashOf(raw: Uint8Array): string {
  return hash('sha256', raw, 'hex');
}

type Kept = Pick<InboxRecord, 'v' | 'source' | 'receivedAt' | 'hash' | 'bytes' | 'truncated' | 'body' | 'stored'>;

/** Keeps the raw payload, inside the record or beside it, before anything is made of it. */
export async function keepPayload(
  deps: Pick<ReceiveDeps, 'payloads'>,
  input: { source: string; raw: Uint8Array; bytes?: number; receivedAt: Time },
): Promise<Kept> {
  const { source, raw, receivedAt } = input;
  const kept: Kept = { v: 1, source, receivedAt, hash: hashOf(raw), bytes: input.bytes ?? raw.byteLength };
  if (kept.bytes > raw.byteLength) kept.truncated = true;
  if (raw.byteLength <= INLINE_BYTES) return { ...kept, body: Buffer.from(raw).toString('utf8') };
  const stored = payloadName(kept.hash);
  await deps.payloads.put(stored, raw);
  return { ...kept, stored };
}

/** Keeps what was not understood, once an hour and content. */
export async function keepDead(
  deps: ReceiveDeps,
  input: { source: string; raw: Uint8Array; bytes?: number; receivedAt: Time; error: string; path: string },
): Promise<RecordKey> {
  const kept = await keepPayload(deps, input);
  const key = deadKey(input.receivedAt, kept.hash);
  await deps.records.put<InboxRecord>(key, { ...kept, state: 'dead', error: input.error, path: input.path }, 'absent');
  return key;
}

/** @returns null when retention has taken it away */
export async function readInbox(records: Records, key: RecordKey): Promise<Stored<InboxRecord> | null> {
  const stored = await records.get<InboxRecord>(key);
  if (!stored) return null;
  return { ...stored, value: readVersioned(`inbox record ${key.id}`, stored.value) };
}

/**
 * The alerts of a kept payload. Null when it can no longer be read: it is then laid aside, where it is listed, because
 * whoever meets it again would fail as well.
 */
export async function readAlerts(
  deps: Pick<ReceiveDeps, 'records' | 'payloads' | 'log'> & { sources: readonly Source[] },
  key: RecordKey,
  { value, revision }: Stored<InboxRecord>,
): Promise<Alert[] | null> {
  try {
    return await alertsOf(deps.payloads, deps.sources, key, value);
  } catch (error) {
    if (!isHeadroomError(error) || (error.kind !== 'invalid' && error.kind !== 'not-found')) throw error;
    deps.log.error('inbox-unreadable', { partition: key.partition, inbox: key.id, error: error.message });
    await deps.records.put<InboxRecord>(key, { ...value, state: 'dead', error: error.message, path: '' }, revision);
    return null;
  }
}

/** The alerts of a kept payload, parsed again: parsing is a pure function of the payload and its time of receipt. */
async function alertsOf(
  payloads: PayloadStore,
  sources: readonly Source[],
  key: RecordKey,
  inbox: InboxRecord,
): Promise<Alert[]> {
  const source = sources.find(({ name }) => name === inbox.source);
  if (!source) throw new HeadroomError('newer-version', `no source named ${inbox.source} is known to this process`);
  const parsed = source.parse(parseKept(await payloadText(payloads, inbox)), inbox.receivedAt);
  if (!parsed.ok)
    throw new HeadroomError('invalid', `a kept ${inbox.source} payload is no longer understood: ${parsed.error}`);
  const { hash, bytes } = inbox;
  return parsed.alerts.map((alert) => ({ ...alert, payload: { hash, bytes, inbox: key } }));
}

function parseKept(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw asHeadroomError(error, 'invalid', 'a kept payload is not JSON');
  }
}

/** The raw payload as text, without the byte-order mark that some senders begin with. @throws HeadroomError `not-found` when it is gone. */
export async function payloadText(payloads: PayloadStore, inbox: InboxRecord): Promise<string> {
  if (inbox.body !== undefined) return withoutMark(inbox.body);
  const raw = inbox.stored === undefined ? null : await payloads.get(inbox.stored);
  if (!raw)
    throw new HeadroomError('not-found', 'the payload of an inbox record is gone from the payload store', {
      nextStep: 'check HEADROOM_PAYLOADS: every process must use the same store',
    });
  return withoutMark(Buffer.from(raw).toString('utf8'));
}

function withoutMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}
