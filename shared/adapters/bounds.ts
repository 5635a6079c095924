import { HeadroomError } from '../errors.ts';
import type { QueueMessage, RecordKey } from '../model.ts';

/** One record as UTF-8 JSON. @see design §5 */
export const MAX_RECORD_BYTES = 262_144;

/** One queue message as UTF-8 JSON: 64 KB less what base64 adds. @see https://learn.microsoft.com/azure/storage/queues/scalability-targets */
export const MAX_MESSAGE_BYTES = 49_152;

/** Most stores allow 1 KiB for each half of a key; a character takes at most 3 bytes for each UTF-16 unit. */
const MAX_KEY_CHARACTERS = 340;

/** Deliveries after which a message that nobody acknowledged is a dead letter, unless told otherwise. */
export const DEFAULT_MAX_ATTEMPTS = 5;

/** Records of a list when no `limit` is given, and at most. */
export const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1_000;
const MAX_ID_LIMIT = 100_000;

/** What Storage Queues give at once; SQS gives 10. */
const MAX_RECEIVED = 32;

/** SQS's longest. @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html */
const MAX_VISIBILITY_MS = 12 * 3_600_000;

/** Storage Queues' longest. @see https://learn.microsoft.com/rest/api/storageservices/put-message */
const MAX_DELAY_MS = 7 * 24 * 3_600_000;

const MAX_REASON_CHARACTERS = 1_000;

const MAX_PAYLOAD_ID_CHARACTERS = 200;
const PAYLOAD_ID = /^[A-Za-z0-9][A-Za-z0-9._-]*(?:\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/;
const CONTROL = /\p{Cc}/u;

/**
 * The value as JSON, which is what every store keeps: a copy that its owner can no longer change.
 *
 * @throws HeadroomError `invalid` for what JSON cannot say, `too-large` above 256 KiB
 */
export function encodeRecord(key: RecordKey, value: unknown): string {
  checkKey(key);
  return encode(
    value,
    MAX_RECORD_BYTES,
    () => `record ${key.partition} ${key.id}`,
    'put what is large into PayloadStore',
  );
}

/** @throws HeadroomError `invalid` or `too-large` (above 48 KiB) */
export function encodeMessage(message: QueueMessage): string {
  return encode(message, MAX_MESSAGE_BYTES, () => 'queue message', 'queue the id and keep the rest in a record');
}

/** @throws HeadroomError `invalid`: each half has 1..340 characters, none of them a control character or half a pair */
export function checkKey(key: RecordKey): void {
  checkKeyPart('partition', key.partition);
  checkKeyPart('id', key.id);
}

export function checkKeyPart(name: 'partition' | 'id', text: string): void {
  if (text.length >= 1 && text.length <= MAX_KEY_CHARACTERS && !CONTROL.test(text) && text.isWellFormed()) return;
  throw new HeadroomError(
    'invalid',
    `a record's ${name} has ${text.length} characters or holds one that no key may have; 1 to ${MAX_KEY_CHARACTERS} printable ones are allowed`,
  );
}

/** Of a list: 1..1000. @throws HeadroomError `invalid` */
export function checkLimit(limit: number): void {
  checkWhole('limit', limit, 1, MAX_LIMIT);
}

/** Of payload ids: 1..100,000. @throws HeadroomError `invalid` */
export function checkIdLimit(limit: number): void {
  checkWhole('limit', limit, 1, MAX_ID_LIMIT);
}

/** @throws HeadroomError `invalid`: more than 32 at once, or not for 1 ms to 12 h */
export function checkReceive(max: number, visibilityMs: number): void {
  checkWhole('max', max, 1, MAX_RECEIVED);
  checkWhole('visibilityMs', visibilityMs, 1, MAX_VISIBILITY_MS);
}

/** Rounded up to whole milliseconds. @throws HeadroomError `invalid` outside 0 ms to 7 days */
export function checkDelayMs(delayMs: number): number {
  const wholeMs = Math.ceil(delayMs);
  checkWhole('delayMs', wholeMs, 0, MAX_DELAY_MS);
  return wholeMs;
}

/** Why a message was buried, as it is kept. */
export function deadReason(reason: string): string {
  return reason.slice(0, MAX_REASON_CHARACTERS);
}

/** Why a message is dead that nobody buried. */
export function neverAcknowledged(maxAttempts: number): string {
  return `delivered ${maxAttempts} times and never acknowledged`;
}

function checkWhole(name: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new HeadroomError('invalid', `${name} is ${value}; a whole number from ${min} to ${max} is allowed`);
}

/**
 * Segments of letters, digits, `.`, `_`, `-` that begin with a letter or digit, divided by `/`; so no id leads out of a
 * folder, to a hidden file, or to two names of one blob.
 *
 * @throws HeadroomError `invalid`
 */
export function checkPayloadId(id: string): string {
  if (id.length <= MAX_PAYLOAD_ID_CHARACTERS && PAYLOAD_ID.test(id)) return id;
  throw new HeadroomError(
    'invalid',
    `a payload id of ${id.length} characters is not allowed: 1 to ${MAX_PAYLOAD_ID_CHARACTERS} letters, digits, . _ - and single slashes`,
  );
}

function encode(value: unknown, maxBytes: number, what: () => string, nextStep: string): string {
  const json = stringify(value, what);
  const bytes = json.length * 3 <= maxBytes ? json.length : Buffer.byteLength(json);
  if (bytes <= maxBytes) return json;
  throw new HeadroomError('too-large', `${what()} has ${bytes} bytes; ${maxBytes} are allowed`, { nextStep });
}

function stringify(value: unknown, what: () => string): string {
  let json: string | undefined;
  try {
    json = JSON.stringify(value);
  } catch (error) {
    throw notJson(what(), error);
  }
  if (json === undefined) throw notJson(what());
  return json;
}

function notJson(what: string, cause?: unknown): HeadroomError {
  return new HeadroomError('invalid', `${what} is nothing that JSON can say`, { cause });
}
