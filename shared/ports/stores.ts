import type { QueueMessage, RecordKey, Time } from '../model.ts';

/** Opaque; compare-and-set token of one record. */
export type Revision = string;

export type Stored<T> = { id: string; value: T; revision: Revision };

/**
 * Everything durable: small records in partitions, compare-and-set on a single record only.
 * A record is at most 256 KiB of JSON (larger: `HeadroomError` kind `too-large`). Store down: kind `unavailable`.
 */
export interface Records {
  get<T>(key: RecordKey): Promise<Stored<T> | null>;
  /** Resolves only once the write is durable. `expected` is the revision read, or `absent`. */
  put<T>(key: RecordKey, value: T, expected: Revision | 'absent'): Promise<Revision | 'conflict'>;
  /** Ascending by id, strictly after `after`; `limit` 1..1000, default 100. */
  list<T>(partition: string, options?: { after?: string; limit?: number }): Promise<Stored<T>[]>;
  /** A missing record is no error and answers `conflict` only if another revision stands there. */
  delete(key: RecordKey, expected: Revision): Promise<'deleted' | 'conflict'>;
}

export type QueueDelivery = {
  message: QueueMessage;
  /** 1 on first delivery. */
  attempts: number;
  ack(): Promise<void>;
  /** Gives it back, visible again after `delayMs`. It still counts as delivered: to wait without that, send anew and ack. */
  retry(delayMs: number): Promise<void>;
  /** Moves it to the dead letters with a reason. */
  bury(reason: string): Promise<void>;
};

/** A message that was buried, or delivered too often without an ack (5 times unless configured). */
export type DeadLetter = {
  message: QueueMessage;
  attempts: number;
  /** At most 1,000 characters. */
  reason: string;
  diedAt: Time;
  /** Forgets it. To replay it, send its message anew first. */
  remove(): Promise<void>;
};

/** At-least-once; a received message not acked within `visibilityMs` comes again. Carries ids, never payloads (48 KB at most). */
export interface Queue {
  send(message: QueueMessage, options?: { delayMs?: number }): Promise<void>;
  /**
   * At once with what is visible, at most `max` (1..32); empty when nothing is. A message whose visibility has run out may
   * be someone else's by now: then `ack`, `retry` and `bury` of the old delivery change nothing.
   */
  receive(options: { max: number; visibilityMs: number }): Promise<QueueDelivery[]>;
  /** Visible and invisible messages, dead ones apart. */
  depth(): Promise<{ waiting: number; dead: number }>;
  /** Dead letters, oldest first, at most `limit` (1..1000). */
  dead(limit: number): Promise<DeadLetter[]>;
}

/** Larger things: payloads, evidence. Bytes in, bytes out; the adapter gzips at rest. */
export interface PayloadStore {
  put(id: string, bytes: Uint8Array): Promise<void>;
  get(id: string): Promise<Uint8Array | null>;
  delete(id: string): Promise<void>;
  /** Ids older than the time, at most `limit`. */
  olderThan(time: Time, limit: number): Promise<string[]>;
}
