import type { Incident, LedgerEntry, Note, Outcome, RecordKey, SignalState, Time } from '../model.ts';
import { EMPTY_EPISODE, type Episode } from './episode.ts';

/** An alert that was accepted into an incident, and what became of it. */
export type AcceptedAlert = {
  id: string;
  state: 'fired' | 'no-data' | 'resolved';
  at: Time;
  receivedAt: Time;
  inbox?: RecordKey;
  /** Undecided only while a lone Resolved or no-data waits for its Fired. */
  outcome?: Outcome;
};

/** Accepted alerts kept one by one in the incident; earlier ones are counted by outcome. */
export const MAX_ACCEPTED = 200;

/** Ledger lines kept; edits beyond it replace the oldest edit. */
export const MAX_LEDGER = 120;

/** What a rule said last; the phase (fired, resolved, since when) comes from the episode. */
export type RuleDetail = Omit<SignalState, 'state' | 'firedAt' | 'resolvedAt'> & {
  at: Time;
  alertId: string;
  /** By which the cloud can be asked about it. */
  reference?: string;
  /** Nothing but a Resolved has been seen of this rule. */
  resolvedOnly: boolean;
};

/** What people say of an incident: who has it, and until when it is kept quiet. */
export type Standing = Partial<Pick<Incident, 'acknowledged' | 'assigned' | 'silencedUntil'>>;

/** `incident/<id>` `state`: the incident as people see it, and what it is folded from. */
export type IncidentRecord = Incident & {
  episode: Episode;
  /** By source and rule (`ruleKeyOf`). */
  rules: Record<string, RuleDetail>;
  accepted: AcceptedAlert[];
  acceptedEarlier: Partial<Record<Outcome, number>>;
  ledger: LedgerEntry[];
  /** Hash of the message's content at `revision`. */
  contentHash: string;
  /** Minutes after the first diagnosis at which evidence was, or is to be, read again; `dropped`: nothing was left to come. */
  runs: { planned: number[]; done: number[]; dropped?: number[] };
  /** Queries that reading evidence has cost so far. */
  queries?: number;
  /** Until then the first diagnosis waits its turn; a queue message comes for it. */
  diagnosisDueAt?: Time;
  /** When it was looked at a glance what its first message can say. */
  glancedAt?: Time;
  /** Who led the load before it: told until its own log names somebody. */
  history?: Note;
  /** What the last diagnosis had seen when it began; anything new asks for another one. */
  diagnosedSignals: string[];
  /** What was last looked at for what to offer: which diagnosis, over or not, silenced until when. */
  offeredFor?: string;
  /** What people have said last, by action: how it stood before, so that it can be taken back. */
  marked?: Record<string, { at: Time; by: { id: string; name: string }; before: Standing; after: Standing }>;
  /** A silence that held its first post back has run out: since then it is told all the same. */
  toldSince?: Time;
  /** Who is diagnosing now, and what it has seen. */
  diagnosing?: {
    worker: string;
    until: Time;
    signals: string[];
    /** A queue message comes at `until`, in case its worker has died. */
    awaited?: true;
  };
  /** Ids of what was told in the thread of its message, by destination. */
  threads?: Record<string, string[]>;
  /** Of a storm: when its incidents are to be looked over next, or until when `worker` is at it. */
  look?: {
    at: Time;
    worker?: string;
    /** Something has changed since it began. */
    again?: true;
  };
};

type Identity = Pick<
  IncidentRecord,
  | 'id'
  | 'fingerprint'
  | 'family'
  | 'resource'
  | 'openedAt'
  | 'severity'
  | 'verified'
  | 'synthetic'
  | 'readBack'
  | 'storm'
  | 'digest'
>;

/** A fresh incident, of which nothing is known yet but what it is and when it was first heard of. */
export function newRecord(identity: Identity, receivedAt: Time): IncidentRecord {
  return {
    v: 1,
    revision: 0,
    ...identity,
    signals: [],
    lifecycle: { state: 'open' },
    flaps: 0,
    findings: [],
    notes: [],
    effects: [],
    episode: EMPTY_EPISODE,
    rules: {},
    accepted: [],
    acceptedEarlier: {},
    ledger: [{ at: receivedAt, step: 'received' }],
    contentHash: '',
    runs: { planned: [], done: [] },
    diagnosedSignals: [],
  };
}

/** Whether the incident is, or is to be, told to anyone. */
export function isPosted(record: IncidentRecord): boolean {
  if (record.toldSince !== undefined || (record.acceptedEarlier.posted ?? 0) > 0) return true;
  return record.accepted.some((alert) => alert.outcome === 'posted');
}

/** Characters of a ledger line's note: what another service answered may stand in it. */
const NOTE_CHARACTERS = 120;

export function withLedger(record: IncidentRecord, entry: LedgerEntry): IncidentRecord {
  const note = entry.note?.slice(0, NOTE_CHARACTERS);
  const ledger = [...record.ledger, note === undefined ? entry : { ...entry, note }];
  if (ledger.length <= MAX_LEDGER) return { ...record, ledger };
  const oldestEdit = ledger.findIndex((line) => line.step === 'edited');
  ledger.splice(oldestEdit === -1 ? 1 : oldestEdit, 1);
  return { ...record, ledger };
}
