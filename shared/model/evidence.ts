import type { Resource, Time } from './alert.ts';

export type Caller = {
  id: string;
  kind: 'application' | 'user' | 'role' | 'unknown';
  appId?: string;
  objectId?: string;
  arn?: string;
  displayName?: string;
  owner?: string;
  team?: string;
  /** Most frequent client library string of this caller. */
  client?: string;
  /** Distinct network addresses; a lower bound on nothing (NAT merges instances, one instance may show several). */
  addresses: number;
};

export type Cell = string | number | boolean | null | number[];
export type Row = Record<string, Cell>;

/** `hour-before` is the hour before the onset, where the store holds neither the day nor the week before. */
export type Window = 'incident' | 'day-before' | 'week-before' | 'hour-before';

export type Reading = { kind: string; store: string; window: Window; readAt: Time } & (
  | { state: 'read'; rows: Row[]; truncated: boolean /** 0..1, null when unknown. */; completeness: number | null }
  | {
      state: 'unavailable';
      why: 'not-configured' | 'denied' | 'throttled' | 'timed-out' | 'unreachable' | 'unsupported' | 'over-budget';
      nextStep: string;
      /** How long the store asked to be left alone. */
      retryAfterMs?: number;
    }
);

export type Evidence = { resource: Resource; from: Time /** Exclusive. */; to: Time; readings: Reading[] };

export type Fact = {
  label: string;
  value: number | string;
  unit?: string;
  from: { kind: string; column: string; row?: string; window: Window };
};
