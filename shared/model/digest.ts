import type { Resource, Time } from './alert.ts';

/** What came in a week, and above all what was not told as it came: what a service was busy with, without refusing anybody. */
export type DigestSummary = {
  /** Half-open. */
  from: Time;
  to: Time;
  /** Incidents by what became of them. */
  counts: DigestCounts;
  /** Most alerts first. */
  busy: BusyLine[];
  /** Told ones, most severe first. */
  told: ToldLine[];
  /** Incidents that were not looked at, since there were too many. */
  unread: number;
};

/** `lone`: the end of what was never told to have begun. */
export type DigestCounts = Record<'told' | 'storm' | 'busy' | 'silenced' | 'nowhere' | 'lone', number>;

export type BusyLine = {
  resource: Pick<Resource, 'id' | 'name' | 'type'>;
  since: Time;
  /** Still firing when the digest was made. */
  open: boolean;
  alerts: number;
  /** Highest value that an alert told, with what it counts over; null where none told one. */
  peak: { value: number; windowSeconds: number | null } | null;
};

export type ToldLine = {
  incidentId: string;
  resource: Pick<Resource, 'id' | 'name' | 'type'>;
  severity: number;
  cause?: string;
};
