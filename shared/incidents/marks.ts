import type { Time } from '../model.ts';
import type { IncidentRecord } from './record.ts';

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

/** Keeps it quiet until then, or no longer where `until` is null. */
export function silence(record: IncidentRecord, until: Time | null): IncidentRecord {
  if (record.lifecycle.state === 'resolved' || (record.silencedUntil ?? null) === until) return record;
  const { silencedUntil: _before, ...rest } = record;
  return until === null ? rest : { ...rest, silencedUntil: until };
}
