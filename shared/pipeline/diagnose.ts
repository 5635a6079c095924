import { callers } from '../evidence/callers.ts';
import { rowsOf } from '../evidence/rows.ts';
import { type IncidentRecord, isPosted, withLedger } from '../incidents/record.ts';
import { measuredSeverity } from '../incidents/severity.ts';
import { evidenceWindow } from '../incidents/window.ts';
import type { Evidence, Note, Reading } from '../model.ts';
import type { EvidenceReader } from '../ports.ts';
import { answer } from './answer.ts';
import { timeNow, type WorkDeps } from './deps.ts';
import { gather } from './gather.ts';
import { updateIncident } from './incidents.ts';
import { keepEvidence, knownBaselines, shareBaselines } from './kept-evidence.ts';
import { runsAfter } from './late-runs.ts';
import { confirmAlert } from './read-back.ts';
import { revise } from './revise.ts';
import { withWhatStillHolds } from './still-holds.ts';

/** A diagnosis whose owner died is taken over after this many leases. */
const LEASES = 4;

export type Diagnosed = 'done' | 'not-due' | { busyMs: number };

/**
 * Has the alert confirmed, then reads evidence and works the answer out, if that is due: the incident is told to someone, and
 * it was never diagnosed, has a new signal, or a late-log run is at hand. One worker at a time.
 *
 * @param seen what stores gave a moment ago; they are not asked again
 */
export async function diagnose(
  deps: WorkDeps,
  incidentId: string,
  runMinutes?: number,
  seen: readonly Reading[] = [],
): Promise<Diagnosed> {
  // Nothing is asked about a resource because of an alert that nobody knows (field-notes 32).
  if (!(await confirmAlert(deps, incidentId))) return 'not-due';
  for (;;) {
    const claimed = await claim(deps, incidentId, runMinutes);
    if (!('record' in claimed)) return claimed.result;
    let read: Awaited<ReturnType<typeof readInTurn>>;
    try {
      read = await readInTurn(deps, claimed.record, seen);
      if ('done' in read) {
        if (await finish(deps, claimed.record, read.done, runMinutes)) continue;
        return 'done';
      }
    } catch (error) {
      await release(deps, claimed.record).catch(() => undefined);
      throw error;
    }
    await release(deps, claimed.record, read.waitMs);
    return { busyMs: read.waitMs };
  }
}

type Claimed = { record: IncidentRecord } | { result: Diagnosed };

async function claim(deps: WorkDeps, incidentId: string, runMinutes: number | undefined): Promise<Claimed> {
  const nowMs = deps.clock.now();
  const now = new Date(nowMs).toISOString();
  const outcome: { claimed: boolean; result: Diagnosed } = { claimed: false, result: 'not-due' };
  const { after } = await updateIncident(deps, incidentId, (record) => {
    Object.assign(outcome, { claimed: false, result: 'not-due' });
    if (!record || !isDiagnosisDue(record, runMinutes)) return record;
    // Of the messages that come by while it waits its turn, one comes back.
    if (runMinutes === undefined && record.diagnosisDueAt !== undefined && record.diagnosisDueAt > now) return record;
    const other = record.diagnosing;
    if (other && other.until > now) {
      if (other.awaited && runMinutes === undefined) return record;
      outcome.result = { busyMs: Date.parse(other.until) - nowMs };
      return { ...record, diagnosing: { ...other, awaited: true } };
    }
    const until = new Date(nowMs + LEASES * deps.timing.leaseMs).toISOString();
    outcome.claimed = true;
    return { ...record, diagnosing: { worker: deps.worker, until, signals: signalKeys(record) } };
  });
  return outcome.claimed && after ? { record: after } : { result: outcome.result };
}

/** Lets the next attempt begin: this one has failed, or is for later. */
async function release(deps: WorkDeps, claimed: IncidentRecord, waitMs?: number): Promise<void> {
  await updateIncident(deps, claimed.id, (record) => {
    if (!record || !isClaim(record, claimed)) return record;
    const { diagnosing: _diagnosing, ...rest } = record;
    if (waitMs === undefined) return rest;
    return { ...rest, diagnosisDueAt: new Date(deps.clock.now() + waitMs).toISOString() };
  });
}

/** The very claim, and not a later one of the same worker. */
function isClaim(record: IncidentRecord, claimed: IncidentRecord): boolean {
  const { diagnosing } = record;
  return diagnosing?.worker === claimed.diagnosing?.worker && diagnosing?.until === claimed.diagnosing?.until;
}

/** The incident is told to someone, and was never diagnosed, has a new signal, or has a late-log run at hand. */
export function isDiagnosisDue(record: IncidentRecord, runMinutes: number | undefined): boolean {
  if (!isPosted(record)) return false;
  if (runMinutes !== undefined && isRunLeft(record, runMinutes)) return true;
  const known = new Set(record.diagnosedSignals);
  return record.diagnosedAt === undefined || signalKeys(record).some((key) => !known.has(key));
}

/** Neither done nor dropped; one that nobody planned is a replay. */
function isRunLeft({ runs }: IncidentRecord, minutes: number): boolean {
  return !runs.done.includes(minutes) && !(runs.dropped?.includes(minutes) ?? false);
}

/** Who led the load before it is told until its own log names somebody. */
function historyOf({ history }: IncidentRecord, evidence: Evidence): Note[] {
  return history === undefined || (rowsOf(evidence, callers) ?? []).length > 0 ? [] : [history];
}

/** What a diagnosis has seen: each rule, and whether it was resolved by then (the window then has its end). */
function signalKeys(record: IncidentRecord): string[] {
  return [...Object.keys(record.rules).sort(), `lifecycle:${record.lifecycle.state}:${record.flaps}`];
}

type Read = { evidence: Evidence; queries: number };

/** Stores that hold records of the resource, of which evidence may be asked for. */
function readersFor({ readers, policy }: WorkDeps, { resource }: IncidentRecord): EvidenceReader[] {
  return policy.mayRead(resource) ? readers.filter((reader) => reader.covers(resource)) : [];
}

/** In the order of the levels: so many about one cloud and of one store at once, and a minute. */
async function readInTurn(
  deps: WorkDeps,
  record: IncidentRecord,
  seen: readonly Reading[],
): Promise<{ done: Read } | { waitMs: number }> {
  const readers = readersFor(deps, record);
  if (readers.length === 0) return { done: await readEvidence(deps, record, seen) };
  const places = [`cloud ${record.resource.cloud}`, ...readers.map(({ store }) => `store ${store}`)];
  return deps.levels.read(places, record.id, () => readEvidence(deps, record, seen));
}

async function readEvidence(deps: WorkDeps, record: IncidentRecord, seen: readonly Reading[]): Promise<Read> {
  const { from, to } = evidenceWindow(record, timeNow(deps.clock));
  const spent = record.queries ?? 0;
  const budget = { left: deps.policy.queriesPerIncident - spent };
  const signals = record.signals.flatMap((state) => state.signals);
  const baselines = await knownBaselines(deps, record, from);
  const evidence = await gather(
    { readers: readersFor(deps, record), clock: deps.clock },
    { resource: record.resource, from, to, budget, seen, baselines, signals },
  );
  await keepEvidence(deps, record.id, evidence);
  if (baselines.size === 0) await shareBaselines(deps, record.id, evidence);
  return { evidence, queries: deps.policy.queriesPerIncident - budget.left };
}

/** @returns true when a signal came in meanwhile, so that the answer is already old */
async function finish(
  deps: WorkDeps,
  claimed: IncidentRecord,
  { evidence, queries }: Read,
  runMinutes: number | undefined,
): Promise<boolean> {
  const startedMs = deps.clock.now();
  const answered = answer({
    resource: claimed.resource,
    evidence,
    limits: deps.policy.limits,
    objective: deps.policy.objectiveOf(claimed.resource),
    nameCaller: deps.policy.nameCaller,
    signals: claimed.signals,
    related: claimed.related ?? [],
    openedAt: claimed.openedAt,
  });
  const now = timeNow(deps.clock);
  const first = claimed.diagnosedAt === undefined;
  const isCovered = readersFor(deps, claimed).length > 0;
  let again = false;
  let further: readonly number[] = [];
  const { after } = await updateIncident(deps, claimed.id, (record) => {
    if (!record) return record;
    const { diagnosing, diagnosisDueAt: _dueAt, impact: _impact, chart: _chart, ...rest } = record;
    if (!diagnosing || !isClaim(record, claimed)) return record;
    const seen = diagnosing.signals;
    again = signalKeys(record).some((key) => !seen.includes(key));
    const known = withWhatStillHolds(record, answered, evidence);
    const planned = runsAfter(record, { isCovered, evidence, findings: known.findings, runMinutes, now });
    further = planned.further;
    const next: IncidentRecord = {
      ...rest,
      ...known,
      notes: [...historyOf(record, evidence), ...answered.notes],
      queries,
      diagnosedAt: now,
      diagnosedSignals: seen,
      severity:
        record.family === 'throttle' && known.chart
          ? measuredSeverity(known.chart, deps.policy.severeShare)
          : record.severity,
      runs: planned.runs,
    };
    const noted = first ? withLedger(next, { at: now, step: 'diagnosed' }) : next;
    return revise(record, noted, { policy: deps.policy, destinations: deps.senders, now });
  });
  deps.log.info('diagnosed', {
    incident: claimed.id,
    findings: after?.findings.length ?? 0,
    ms: deps.clock.now() - startedMs,
  });
  const firstMs = Date.parse(after?.ledger.find(({ step }) => step === 'diagnosed')?.at ?? now);
  for (const minutes of further) {
    const delayMs = Math.max(0, firstMs + minutes * 60_000 - deps.clock.now());
    await deps.queue.send({ v: 1, incidentId: claimed.id, runMinutes: minutes }, { delayMs });
  }
  return again;
}
