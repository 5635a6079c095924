import { REOPEN_WITHIN_MS } from '../incidents/episode.ts';
import { familyOf } from '../incidents/family.ts';
import { fingerprintOf, incidentIdOf } from '../incidents/fingerprint.ts';
import type { IncidentRecord } from '../incidents/record.ts';
import type { Alert, Family, Time } from '../model.ts';
import type { Records } from '../ports.ts';
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
};

/** An alert with what it is filed under, worked out once. */
export type KeyedAlert = { alert: Alert; family: Family; fingerprint: string };

export function keyAlert(alert: Alert): KeyedAlert {
  const family = familyOf(alert);
  return { alert, family, fingerprint: fingerprintOf(alert, family) };
}

/** The incident that the alert belongs to if it stands already; null when it is to be claimed. Writes nothing. */
export async function standingIncident(records: Records, keyed: KeyedAlert): Promise<string | null> {
  const stored = await records.get<OpenRecord>(openKey(keyed.fingerprint));
  if (!stored) return null;
  const open = readVersioned(`pointer ${keyed.fingerprint}`, stored.value);
  return isOver(open, keyed.alert) ? null : open.incidentId;
}

/** More conflicts than this on one pointer means that someone keeps winning, and then the winner's answer is ours. */
const TRIES = 5;

/**
 * The incident that this alert belongs to: the one its fingerprint points at, or a new one when there is none, or when the
 * alert fired more than 15 min after that one was resolved. One winner, however many ask at once.
 */
export async function claimIncident(records: Records, keyed: KeyedAlert): Promise<string> {
  const { alert, family, fingerprint } = keyed;
  const key = openKey(fingerprint);
  for (let tries = 1; ; tries += 1) {
    const stored = await records.get<OpenRecord>(key);
    if (stored) {
      const open = readVersioned(`pointer ${fingerprint}`, stored.value);
      if (!isOver(open, alert) || tries > TRIES) return open.incidentId;
    }
    const incidentId = incidentIdOf(fingerprint, alert.id);
    const { scope } = alert.resource;
    const value: OpenRecord = { v: 1, incidentId, scope, family, claimedAt: alert.receivedAt };
    if ((await records.put(key, value, stored?.revision ?? 'absent')) !== 'conflict') return incidentId;
  }
}

function isOver(open: OpenRecord, alert: Alert): boolean {
  if (open.resolvedAt === undefined || alert.state !== 'fired') return false;
  return Date.parse(alert.firedAt) - Date.parse(open.resolvedAt) > REOPEN_WITHIN_MS;
}

/** Writes to the pointer when its incident was resolved or reopened, so that receive can tell without loading it. */
export async function syncPointer(records: Records, record: IncidentRecord): Promise<void> {
  const key = openKey(record.fingerprint);
  const resolvedAt = record.lifecycle.state === 'resolved' ? record.lifecycle.at : undefined;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const stored = await records.get<OpenRecord>(key);
    if (!stored || stored.value.incidentId !== record.id || stored.value.resolvedAt === resolvedAt) return;
    const { resolvedAt: _before, ...open } = stored.value;
    const value: OpenRecord = resolvedAt === undefined ? open : { ...open, resolvedAt };
    if ((await records.put(key, value, stored.revision)) !== 'conflict') return;
  }
}
