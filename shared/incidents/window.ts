import type { Time } from '../model.ts';
import type { IncidentRecord } from './record.ts';

/** Log read before the incident opened: the rule's own window, and at least this much to see the load before it. */
const LEAD_MS = 10 * 60_000;

/** Log read after the last thing that is known to have happened. */
const TAIL_MS = 30 * 60_000;

/** The longest window asked of a store in one run. */
const LONGEST_MS = 2 * 3_600_000;

/**
 * The window for which evidence is asked: from before the rule's own window to the resolve, or to now while it is open.
 * Whole minutes, `to` exclusive, at most two hours from its start.
 */
export function evidenceWindow(record: IncidentRecord, now: Time): { from: Time; to: Time } {
  const ruleWindowSeconds = Math.max(
    0,
    ...record.signals.flatMap((signal) => signal.signals.map((s) => s.windowSeconds ?? 0)),
  );
  const openedMs = Date.parse(record.openedAt);
  const fromMs = floorMinute(openedMs - Math.min(ruleWindowSeconds * 1_000, LONGEST_MS / 2) - LEAD_MS);
  const endMs = record.lifecycle.state === 'resolved' ? Date.parse(record.lifecycle.at) : lastEventMs(record) + TAIL_MS;
  const toMs = floorMinute(Math.min(endMs, Date.parse(now))) + 60_000;
  const boundedMs = Math.min(Math.max(toMs, fromMs + 60_000), fromMs + LONGEST_MS);
  return { from: new Date(fromMs).toISOString(), to: new Date(boundedMs).toISOString() };
}

function floorMinute(ms: number): number {
  return Math.floor(ms / 60_000) * 60_000;
}

function lastEventMs(record: IncidentRecord): number {
  const last = record.episode.events.at(-1);
  return Date.parse(last?.at ?? record.openedAt);
}
