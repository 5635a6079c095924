import { overSince } from '../incidents/accept.ts';
import { REOPEN_WITHIN_MS } from '../incidents/episode.ts';
import { familyOf } from '../incidents/family.ts';
import { fingerprintOf, incidentIdOf } from '../incidents/fingerprint.ts';
import type { IncidentRecord } from '../incidents/record.ts';
import { eventTime } from '../incidents/rules.ts';
import type { Alert, Family, Time } from '../model.ts';
import type { Records } from '../ports.ts';
import { readIncident } from './incidents.ts';
import { openKey } from './keys.ts';
import { readVersioned } from './versions.ts';

/** `open/<fingerprint>`: the incident that alerts with this fingerprint belong to. */
export type OpenRecord = {
  v: 1;
  incidentId: string;
  scope: string;
  family: Family;
  claimedAt: Time;
  resolvedAt?: Time;
  /** The incident that this one followed: what is still to be done for it is not forgotten. */
  before?: string;
};

/** An alert with what it is filed under, worked out once. */
export type KeyedAlert = { alert: Alert; family: Family; fingerprint: string };

export function keyAlert(alert: Alert): KeyedAlert {
  const family = familyOf(alert);
  return { alert, family, fingerprint: fingerprintOf(alert, family) };
}

/** The incident of each alert, if all of them stand already; null when one is to be claimed. Writes nothing. */
export async function standingIncidents(records: Records, keyed: readonly KeyedAlert[]): Promise<string[] | null> {
  const fingerprints = [...new Set(keyed.map(({ fingerprint }) => fingerprint))];
  const pointers = new Map(
    await Promise.all(
      fingerprints.map(async (fingerprint) => {
        const stored = await records.get<OpenRecord>(openKey(fingerprint));
        return [fingerprint, stored && readVersioned(`pointer ${fingerprint}`, stored.value)] as const;
      }),
    ),
  );
  const incidents = keyed.map(({ alert, fingerprint }) => {
    const open = pointers.get(fingerprint);
    return open && !isOver(open, alert, false) ? open.incidentId : null;
  });
  return incidents.every((id) => id !== null) ? incidents : null;
}

/** More conflicts than this on one pointer means that someone keeps winning, and then the winner's answer is ours. */
const TRIES = 5;

/**
 * The incident that this alert belongs to: the one its fingerprint points at, or a new one when there is none, or when the
 * alert fired more than 15 min after that one was resolved. One winner, however many ask at once.
 *
 * @param isStray the incident that it points at has found that the alert is none of its own
 */
export async function claimIncident(records: Records, keyed: KeyedAlert, isStray = false): Promise<string> {
  const { alert, family, fingerprint } = keyed;
  const key = openKey(fingerprint);
  for (let tries = 1; ; tries += 1) {
    const stored = await records.get<OpenRecord>(key);
    const open = stored && readVersioned(`pointer ${fingerprint}`, stored.value);
    if (open && (!isOver(open, alert, isStray) || tries > TRIES)) return open.incidentId;
    const incidentId = incidentIdOf(fingerprint, alert.id);
    const before = open ? { before: open.incidentId } : {};
    const { scope } = alert.resource;
    const value: OpenRecord = { v: 1, incidentId, scope, family, claimedAt: alert.receivedAt, ...before };
    if ((await records.put(key, value, stored?.revision ?? 'absent')) !== 'conflict') return incidentId;
  }
}

/**
 * A Resolved may well be of the incident that is over, and only its worker can tell; one that it has sent away (a stray)
 * begins a new episode as a Fired does.
 */
function isOver(open: OpenRecord, alert: Alert, isStray: boolean): boolean {
  if (open.resolvedAt === undefined || (alert.state !== 'fired' && !isStray)) return false;
  return Date.parse(eventTime(alert)) - Date.parse(open.resolvedAt) > REOPEN_WITHIN_MS;
}

/**
 * Writes to the pointer when its incident was resolved or reopened, so that receive can tell without loading it. It looks
 * again after each write: of two workers that change the incident one after the other, the first may write last.
 */
export async function syncPointer(records: Records, record: IncidentRecord): Promise<void> {
  const { id, fingerprint } = record;
  let now = record;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const stored = await records.get<OpenRecord>(openKey(fingerprint));
    if (!stored) return;
    const pointer = readVersioned(`pointer ${fingerprint}`, stored.value);
    const resolvedAt = overSince(now);
    if (pointer.incidentId !== id || pointer.resolvedAt === resolvedAt) return;
    const { resolvedAt: _before, ...open } = pointer;
    await records.put(openKey(fingerprint), resolvedAt === undefined ? open : { ...open, resolvedAt }, stored.revision);
    now = (await readIncident({ records }, id))?.value ?? now;
  }
}
