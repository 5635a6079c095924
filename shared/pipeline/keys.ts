import type { RecordKey, Time } from '../model.ts';

/** Where each durable thing stands (design §5). Partitions are chosen so that no list is longer than a day or an hour. */

/** Received payloads by hour; ids grow with time. */
export function inboxKey(receivedAt: Time, random: number): RecordKey {
  const tail = Math.floor(random * 2 ** 40)
    .toString(36)
    .padStart(8, '0');
  return { partition: inboxPartition(receivedAt), id: `${receivedAt}~${tail}` };
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
  return { partition: `incident/${incidentId}`, id: 'state' };
}

export const EVIDENCE_PREFIX = 'evidence-';
export const PAYLOAD_PREFIX = 'payload-';

/** Name of an incident's evidence in the payload store. */
export function evidenceName(incidentId: string): string {
  return `${EVIDENCE_PREFIX}${incidentId}`;
}

/** Name of a raw payload in the payload store, by its hash: the same content is kept once. */
export function payloadName(hash: string): string {
  return `${PAYLOAD_PREFIX}${hash}`;
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
