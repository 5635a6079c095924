import type { RecordKey, Time } from '../model.ts';

/** Where each durable thing stands (design §5). Partitions are chosen so that no list is longer than a day or an hour. */

/** Received payloads by hour; ids grow with time. */
export function inboxKey(receivedAt: Time, random: number): RecordKey {
  return { partition: inboxPartition(receivedAt), id: `${receivedAt}~${tailOf(random)}` };
}

function tailOf(random: number): string {
  return Math.floor(random * 2 ** 40)
    .toString(36)
    .padStart(8, '0');
}

/** What was not understood stands after all else of its hour, once a content. */
export function deadKey(receivedAt: Time, hash: string): RecordKey {
  return { partition: inboxPartition(receivedAt), id: `${DEAD_PREFIX}${hash.slice(0, 32)}` };
}

export const DEAD_PREFIX = 'dead~';

export function inboxPartition(time: Time): string {
  return `inbox/${time.slice(0, 13)}`;
}

/** Which incident an alert with this fingerprint belongs to now. */
export function openKey(fingerprint: string): RecordKey {
  return { partition: OPEN_PARTITION, id: fingerprint };
}

export const OPEN_PARTITION = 'open';

export function incidentKey(incidentId: string): RecordKey {
  return { partition: incidentPartition(incidentId), id: 'state' };
}

/** All that is kept of one incident. */
export function incidentPartition(incidentId: string): string {
  return `incident/${incidentId}`;
}

export const EVIDENCE_PREFIX = 'evidence-';
export const PAYLOAD_PREFIX = 'payload-';

/** Name of an incident's evidence in the payload store. */
export function evidenceName(incidentId: string): string {
  return `${EVIDENCE_PREFIX}${incidentId}`;
}

/** Who led the load of a resource in the hour that was last asked about. */
export function leadersName(resourceHash: string): string {
  return `${EVIDENCE_PREFIX}leaders-${resourceHash}`;
}

/** Which incident's evidence holds what was last read of other days of a resource. */
export function baselinesName(resourceHash: string): string {
  return `${EVIDENCE_PREFIX}baselines-${resourceHash}`;
}

/** Name of a raw payload in the payload store, by its hash: the same content is kept once. */
export function payloadName(hash: string): string {
  return `${PAYLOAD_PREFIX}${hash}`;
}

/** How many incidents have just opened at a destination, and the storm that goes on there. */
export function gateKey(destination: string): RecordKey {
  return { partition: 'storm-gate', id: destination };
}

/** An incident that is told in the summary of a storm. */
export function memberKey(stormId: string, incidentId: string): RecordKey {
  return { partition: stormPartition(stormId), id: incidentId };
}

export function stormPartition(stormId: string): string {
  return `storm/${stormId}`;
}

/** One row an incident and day, newest first when listed. */
export function indexKey(openedAt: Time, incidentId: string): RecordKey {
  const countdown = String(99_999_999_999_999 - Date.parse(openedAt)).padStart(14, '0');
  return { partition: indexPartition(openedAt), id: `${countdown}~${incidentId}` };
}

export function indexPartition(time: Time): string {
  return `index/${time.slice(0, 10)}`;
}

/** Which incident took an alert in. */
export function alertKey(alertId: string): RecordKey {
  return { partition: `alert/${alertId.slice(0, 2)}`, id: alertId };
}

/** @param nth 0..255 of the partitions of alerts, whose ids begin with two hexadecimal digits */
export function alertPartition(nth: number): string {
  return `alert/${nth.toString(16).padStart(2, '0')}`;
}

/** Who did what: beside the incident that it was about as long as that is kept, else by day. Ids grow with time. */
export function auditKey(at: Time, random: number, incidentId?: string): RecordKey {
  const partition = incidentId === undefined ? auditPartition(at) : incidentPartition(incidentId);
  return { partition, id: `audit~${at}~${tailOf(random)}` };
}

/** The audit of one step of a plan: written twice it is the same. */
export function stepAuditKey(at: Time, planId: string, nth: number): RecordKey {
  const partition = incidentPartition(incidentOf(planId));
  return { partition, id: `audit~${at}~${planId}-${String(nth).padStart(4, '0')}` };
}

/** One of an incident's plans, by its id `<incident>-<n>`. */
export function planKey(planId: string): RecordKey {
  const n = planId.slice(planId.lastIndexOf('-') + 1);
  return { partition: incidentPartition(incidentOf(planId)), id: `${PLAN_PREFIX}${n.padStart(4, '0')}` };
}

export const PLAN_PREFIX = 'plan~';

/** Whose plan it is; the id itself where it is none of a plan. */
export function incidentOf(planId: string): string {
  return /^([a-z0-9]+)-\d{1,4}$/.exec(planId)?.[1] ?? planId;
}

export function auditPartition(at: Time): string {
  return `audit/${at.slice(0, 10)}`;
}

/** When that was done, by the id of the record; null: it is no audit record. */
export function auditTimeOf(id: string): Time | null {
  return /^audit~([^~]+)~/.exec(id)?.[1] ?? null;
}

/** Requests of chat platforms by the hour that they were signed for: what was taken in, and what waits for its answer. */
export function chatKey(time: Time, id: string): RecordKey {
  return { partition: chatPartition(time), id };
}

export function chatPartition(time: Time): string {
  return `chat/${time.slice(0, 13)}`;
}

/** Channels and chats of Teams that the bot was added to or spoken to in. */
export function teamsPlaceKey(conversationId: string): RecordKey {
  return { partition: 'teams-places', id: conversationId };
}

/** SNS messages that were taken in, by the hour in which they were sent. */
export function snsKey(time: Time, messageId: string): RecordKey {
  return { partition: snsPartition(time), id: messageId };
}

export function snsPartition(time: Time): string {
  return `sns/${time.slice(0, 13)}`;
}

/** What `watch` remembers between runs. */
export function watchKey(name: string): RecordKey {
  return { partition: 'watch', id: name };
}
