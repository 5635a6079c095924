import type { Resource, Severity, Time } from './alert.ts';
import type { Family } from './incident.ts';

/** Many incidents that opened within a short time, as one destination is told of them. */
export type StormSummary = {
  destination: string;
  /** New incidents a minute above which they are told together. */
  perMinute: number;
  /** Since when new incidents have been taken in. */
  since: Time;
  /** When new incidents began to be told one by one again; absent while it goes on. */
  overAt?: Time;
  incidents: number;
  open: number;
  resources: number;
  /** By signal family and by kind of resource, most frequent first. */
  families: StormCount[];
  types: StormCount[];
  /** Open ones before resolved ones, most severe first. */
  worst: StormLine[];
};

export type StormCount = { name: string; incidents: number; open: number };

export type StormLine = {
  incidentId: string;
  resource: Pick<Resource, 'id' | 'name' | 'type'>;
  family: Family;
  severity: Severity;
  openedAt: Time;
  resolvedAt?: Time;
};
