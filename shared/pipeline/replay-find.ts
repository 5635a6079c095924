import { isHeadroomError } from '../errors.ts';
import type { IncidentRecord } from '../incidents/record.ts';
import type { RecordKey } from '../model.ts';
import type { PayloadStore, Stored } from '../ports.ts';
import { type InboxRecord, payloadText, readInbox } from './inbox.ts';
import { alertKey, DEAD_PREFIX, inboxPartition } from './keys.ts';
import { getIncident, listInbox, type ReadDeps } from './read.ts';

/** Payloads are kept this long. */
const KEPT_HOURS = 14 * 24;

/** Payloads of one incident that are looked at, the latest ones. */
const MAX_PAYLOADS = 20;

/** As `replay --list` looks through them. */
const MAX_LISTED = 1_000;

const INCIDENT = /^[a-z2-7]{8}$/;
const INBOX = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z~[0-9a-z]{1,16}$/;
const HEX = /^[0-9a-f]{8,64}$/;
const ALERT_HEX = 16;

/** A payload as it is kept, and its bytes; what cannot be read any more says why. */
export type KeptPayload = { key: RecordKey; stored: Stored<InboxRecord> } & (
  | { readable: true; raw: Uint8Array; body: unknown }
  | { readable: false; why: string }
);

export type Found =
  | { ok: true; payloads: KeptPayload[]; incidents: IncidentRecord[] }
  /** `unknown`: it leads to nothing that is kept; `malformed`: it is no id of any kind. */
  | { ok: false; why: 'unknown' | 'malformed'; message: string; nextStep: string };

type FindDeps = ReadDeps & { payloads: PayloadStore };

/**
 * What an id leads to: a payload (its inbox id, or the beginning of its hash), an incident, or an alert. An incident comes
 * with those of its payloads that are still kept; a payload with the incidents that it was taken in by.
 */
export async function findReplay(deps: FindDeps, typed: string): Promise<Found> {
  const id = typed.trim();
  const lower = id.toLowerCase();
  if (INCIDENT.test(lower)) {
    const record = await getIncident(deps, lower);
    if (record) return ofIncident(deps, record);
    if (!HEX.test(lower)) return unknown(`there is no incident '${lower}'`, 'headroom chat status lists the open ones');
  }
  if (INBOX.test(id)) return ofPayload(deps, { partition: inboxPartition(id), id });
  if (id.startsWith(DEAD_PREFIX)) return ofHash(deps, id.slice(DEAD_PREFIX.length).toLowerCase());
  if (!HEX.test(lower))
    return {
      ok: false,
      why: 'malformed',
      message: `'${id.slice(0, 40)}' is no id of a payload, an incident or an alert`,
      nextStep: 'headroom replay --list shows what is kept',
    };
  if (lower.length === ALERT_HEX) {
    const owner = await deps.records.get<{ incidentId: string }>(alertKey(lower));
    const record = owner && (await getIncident(deps, owner.value.incidentId));
    if (record) return ofIncident(deps, record, lower);
  }
  return ofHash(deps, lower);
}

function unknown(message: string, nextStep: string): Found {
  return { ok: false, why: 'unknown', message, nextStep };
}

/** @param alertId only the payload that brought this alert */
async function ofIncident(deps: FindDeps, record: IncidentRecord, alertId?: string): Promise<Found> {
  const keys = new Map<string, RecordKey>();
  for (const { id, inbox } of record.accepted)
    if (inbox && (alertId === undefined || id === alertId)) keys.set(`${inbox.partition} ${inbox.id}`, inbox);
  const payloads: KeptPayload[] = [];
  for (const key of [...keys.values()].slice(-MAX_PAYLOADS)) {
    const kept = await readKept(deps, key);
    if (kept) payloads.push(kept);
  }
  return { ok: true, payloads, incidents: [record] };
}

async function ofPayload(deps: FindDeps, key: RecordKey): Promise<Found> {
  const kept = await readKept(deps, key);
  if (!kept)
    return unknown(
      `there is no payload '${key.id}': payloads are kept for 14 days`,
      'headroom replay --list shows what is kept',
    );
  const inbox = kept.stored.value;
  const ids = inbox.state === 'dead' ? [] : [...new Set((inbox.alerts ?? []).map(({ incidentId }) => incidentId))];
  const incidents = await Promise.all(ids.map((incidentId) => getIncident(deps, incidentId)));
  return { ok: true, payloads: [kept], incidents: incidents.filter((record) => record !== null) };
}

async function ofHash(deps: FindDeps, hash: string): Promise<Found> {
  const lines = await listInbox(deps, { hours: KEPT_HOURS, limit: MAX_LISTED });
  const line = lines.find(({ payload }) => payload.hash.startsWith(hash));
  if (line) return ofPayload(deps, line.key);
  return unknown(
    `nothing that is kept has the id '${hash}': payloads are kept for 14 days`,
    'headroom replay --list shows what is kept',
  );
}

async function readKept(deps: FindDeps, key: RecordKey): Promise<KeptPayload | null> {
  const stored = await readInbox(deps.records, key);
  if (!stored) return null;
  const unreadable = (why: string): KeptPayload => ({ key, stored, readable: false, why });
  if (stored.value.truncated)
    return unreadable('it was longer than HEADROOM_BODY_BYTES, and only its beginning is kept');
  const text = await textOf(deps.payloads, stored.value);
  if (text === null) return unreadable('its body is gone from the payload store, or damaged');
  const parsed = parseJson(text);
  if (!parsed.ok) return unreadable('it is not JSON');
  return { key, stored, readable: true, raw: Buffer.from(text), body: parsed.body };
}

async function textOf(payloads: PayloadStore, inbox: InboxRecord): Promise<string | null> {
  try {
    return await payloadText(payloads, inbox);
  } catch (error) {
    if (isHeadroomError(error) && (error.kind === 'not-found' || error.kind === 'invalid')) return null;
    throw error;
  }
}

function parseJson(text: string): { ok: true; body: unknown } | { ok: false } {
  try {
    return { ok: true, body: JSON.parse(text) };
  } catch {
    return { ok: false };
  }
}
