import type { Time } from '../model.ts';
import type { IncidentRecord, Standing } from './record.ts';

/** Somebody has it; the first who says so stands. What is over, or already acknowledged, stays as it is. */
export function acknowledge(record: IncidentRecord, by: string, at: Time): IncidentRecord {
  if (record.lifecycle.state === 'resolved' || record.acknowledged) return record;
  return { ...record, acknowledged: { at, by } };
}

/** Gives it to a person, who has acknowledged it thereby. */
export function assign(record: IncidentRecord, to: string, by: string, at: Time): IncidentRecord {
  if (record.lifecycle.state === 'resolved' || record.assigned?.to === to) return record;
  return { ...record, acknowledged: record.acknowledged ?? { at, by }, assigned: { at, by, to } };
}

/** Keeps it quiet until then. */
export function silence(record: IncidentRecord, until: Time): IncidentRecord {
  if (record.lifecycle.state === 'resolved' || record.silencedUntil === until) return record;
  const { unsilencedAt: _before, ...rest } = record;
  return { ...rest, silencedUntil: until };
}

/** Keeps it quiet no longer, before the silence would have ended. */
export function unsilence(record: IncidentRecord, at: Time): IncidentRecord {
  if (record.lifecycle.state === 'resolved' || record.silencedUntil === undefined) return record;
  const { silencedUntil: _before, ...rest } = record;
  return { ...rest, unsilencedAt: at };
}

/** Who has it as it was before somebody said otherwise. */
export function withHolders(record: IncidentRecord, { acknowledged, assigned }: Standing): IncidentRecord {
  const { acknowledged: _acknowledged, assigned: _assigned, ...rest } = record;
  return { ...rest, ...(acknowledged ? { acknowledged } : {}), ...(assigned ? { assigned } : {}) };
}
