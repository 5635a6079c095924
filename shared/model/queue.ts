import type { RecordKey } from './alert.ts';

/** Work on one incident. */
export type IncidentMessage = {
  v: 1;
  incidentId: string;
  /** The inbox record whose alerts are to be taken in. */
  inbox?: RecordKey;
  /** Minutes after opening for which this late-log run was planned. */
  runMinutes?: number;
};

/** A question from chat that is answered later than the platform waits; the record says what and to where. */
type ChatMessage = { v: 1; chat: RecordKey; incidentId?: never };

export type QueueMessage = IncidentMessage | ChatMessage;
