import type { Finding } from '../model.ts';
import type { IncidentRecord } from './record.ts';

/** UTF-8 bytes of JSON that an incident's record may take, some way below the 256 KiB of a record (design §5). */
export const FITTING_BYTES = 240_000;

/** Of a finding that alone is too much: enough for what a message shows. */
const KEPT = { victims: 12, facts: 12, fixes: 3 } as const;

/**
 * The record, or, where it would not fit into its store, without the findings that were ranked last: an incident that
 * cannot be written would take in no more alerts. All other parts are bounded by themselves.
 */
export function fitRecord(record: IncidentRecord): IncidentRecord {
  if (JSON.stringify(record).length * 3 <= FITTING_BYTES || bytesOf(record) <= FITTING_BYTES) return record;
  let leftBytes = FITTING_BYTES - bytesOf({ ...record, findings: [] });
  const fitting: Finding[] = [];
  for (const finding of record.findings) {
    const kept = [finding, shorten(finding)].find((one) => bytesOf(one) < leftBytes);
    if (!kept) break;
    fitting.push(kept);
    leftBytes -= bytesOf(kept) + 1;
  }
  return { ...record, findings: fitting };
}

function shorten(finding: Finding): Finding {
  const { victims, facts, fixes } = finding;
  return {
    ...finding,
    victims: victims.slice(0, KEPT.victims),
    facts: facts.slice(0, KEPT.facts),
    fixes: fixes.slice(0, KEPT.fixes),
  };
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
