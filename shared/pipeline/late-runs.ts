import { closedUntilMs, leastCompleteness, SETTLED_COMPLETENESS } from '../evidence/completeness.ts';
import type { IncidentRecord } from '../incidents/record.ts';
import type { Evidence, Finding, Time } from '../model.ts';

/** Minutes after the first diagnosis at which late logs are read again (field-notes 1). */
const RUNS_MINUTES: readonly number[] = [1, 3, 6, 10, 20];

/** After something new came in when no run was left: its log is as late as the first was. */
const RUNS_AGAIN_MINUTES: readonly number[] = [3, 10];

/**
 * When a store could not be read in all of these, it is tried again after twice the time, up to a day: an answer is
 * completed however long the outage.
 */
const LAST_RUN_MINUTES = 24 * 60;

/** What may pass by itself; the rest needs a person. */
const PASSING = new Set(['throttled', 'timed-out', 'unreachable']);

type Runs = IncidentRecord['runs'];

/** A diagnosis that has just been made. */
export type Made = {
  /** Some store holds records of the resource; else nothing is to come. */
  isCovered: boolean;
  evidence: Evidence;
  findings: readonly Finding[];
  /** The planned run that it was; undefined: the first, or because of something new. */
  runMinutes: number | undefined;
  now: Time;
};

/**
 * The runs of an incident after a diagnosis, in minutes after the first one, and those among them that are to be queued now.
 * All that was planned is dropped once the log holds what the metrics counted up to the last thing that happened, and the
 * answer is the one of the run before: nothing is left to come.
 */
export function runsAfter(record: IncidentRecord, made: Made): { runs: Runs; further: readonly number[] } {
  const { isCovered, runMinutes, now } = made;
  const done = runMinutes === undefined ? record.runs.done : united(record.runs.done, [runMinutes]);
  if (!isCovered) return { runs: { ...record.runs, done }, further: [] };
  const firstAt = record.ledger.find(({ step }) => step === 'diagnosed')?.at;
  if (firstAt === undefined) return { runs: { planned: [...RUNS_MINUTES], done }, further: RUNS_MINUTES };
  const left = record.runs.planned.filter((minutes) => !done.includes(minutes));
  const isOver = isSettled(record, made);
  const elapsedMs = Date.parse(now) - Date.parse(firstAt);
  const further = isOver || left.length > 0 ? [] : furtherRuns(record.runs.planned, made, elapsedMs);
  const dropped = without(united(record.runs.dropped ?? [], isOver ? left : []), further);
  const planned = united(without(record.runs.planned, dropped), further);
  return { runs: { planned, done, ...(dropped.length > 0 && { dropped }) }, further };
}

function furtherRuns(planned: readonly number[], { evidence, runMinutes }: Made, elapsedMs: number): number[] {
  const last = Math.max(0, ...planned);
  if (isUnread(evidence) && last > 0) return last * 2 > LAST_RUN_MINUTES ? [] : [last * 2];
  if (runMinutes !== undefined) return [];
  const elapsed = Math.ceil(elapsedMs / 60_000);
  return RUNS_AGAIN_MINUTES.map((minutes) => elapsed + minutes).filter((minutes) => minutes <= LAST_RUN_MINUTES);
}

function isUnread({ readings }: Evidence): boolean {
  return readings.some(
    (reading) => reading.window === 'incident' && reading.state === 'unavailable' && PASSING.has(reading.why),
  );
}

function isSettled(record: IncidentRecord, { evidence, findings }: Made): boolean {
  const completeness = leastCompleteness(evidence);
  const closedMs = closedUntilMs(evidence);
  if (completeness === null || closedMs === null || completeness < SETTLED_COMPLETENESS) return false;
  const lastHeardOf = record.episode.events.at(-1)?.at ?? record.openedAt;
  return closedMs >= Date.parse(lastHeardOf) && !isUnread(evidence) && gist(findings) === gist(record.findings);
}

/** What an answer says, without its numbers. */
function gist(findings: readonly Finding[]): string {
  return findings.map(({ kind, verdict, caller }) => `${kind} ${verdict} ${caller?.id ?? ''}`).join('\n');
}

function united(one: readonly number[], other: readonly number[]): number[] {
  return [...new Set([...one, ...other])];
}

function without(all: readonly number[], dropped: readonly number[]): number[] {
  return all.filter((minutes) => !dropped.includes(minutes));
}
