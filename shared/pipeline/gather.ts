import * as z from 'zod/mini';
import { isHeadroomError } from '../errors.ts';
import { withCompleteness } from '../evidence/completeness.ts';
import { coverage } from '../evidence/coverage.ts';
import { BASELINES, type EvidenceKind, isAbout } from '../evidence/kind.ts';
import { type Known, knownFrom } from '../evidence/known.ts';
import { compose } from '../evidence/languages/compose.ts';
import { areRowsOf } from '../evidence/rows.ts';
import type { Evidence, Reading, Resource, Signal, Time, Window } from '../model.ts';
import type { Clock, ComposedQuery, EvidenceReader } from '../ports.ts';
import { EVIDENCE_KINDS } from '../registry.ts';
import type { KnownBaselines } from './kept-evidence.ts';

export type GatherPorts = { readers: readonly EvidenceReader[]; clock: Clock };

export type GatherRequest = {
  resource: Resource;
  from: Time;
  /** Exclusive. */
  to: Time;
  /** Of evidence; default: all that the registry lists. */
  kinds?: readonly string[];
  /** What the alerts about it measure. */
  signals?: readonly Signal[];
  /** Asked of stores of logs; default all. */
  windows?: readonly Window[];
  /** What was read of other days before, by store: such a store is asked for the incident alone. */
  baselines?: KnownBaselines;
  /** What stores gave a moment ago: they are not asked again. */
  seen?: readonly Reading[];
  /** How long one store may take; default 60 s. */
  timeoutMs?: number;
  /** Queries that may still be spent; without it as many as it takes. */
  budget?: QueryBudget;
};

/** What is left of an incident's queries; reading takes from it. */
type QueryBudget = { left: number };

const STORE_TIMEOUT_MS = 60_000;
/** A baseline with fewer requests, or that covers less of its time, is no normal state to compare with. */
const BASELINE_REQUESTS_MIN = 20;
const BASELINE_COVERED_MIN = 0.5;
/** Ten minutes of the hour before an onset are enough. */
const BASELINE_COVERED_MS = 600_000;

/**
 * Asks every store that can hold records of the resource, each once, for the window and its baselines; then for what follows
 * from the answers, as whose the callers are. A store that is dead, slow or refuses gives `unavailable` readings with the
 * next step; nothing here throws for it.
 */
export async function gather(ports: GatherPorts, request: GatherRequest, signal?: AbortSignal): Promise<Evidence> {
  const { resource, from, to } = request;
  const asked = request.kinds;
  const kinds = EVIDENCE_KINDS.filter((each) => isAbout(each, resource)).filter(
    ({ kind }) => asked === undefined || kind === coverage.kind || asked.includes(kind),
  );
  const stores = ports.readers.filter((reader) => reader.covers(resource));
  const { seen = [] } = request;
  const unseen = stores.filter(({ store }) => !seen.some((reading) => reading.store === store));
  const readings: Reading[] = [...seen];
  for (const round of roundsOf(kinds)) {
    const asking = { ...request, known: knownFrom(readings) };
    const worth = round.filter(({ when }) => when?.(readings) ?? true);
    const read = await Promise.all(unseen.map((reader) => readStore(ports.clock, reader, worth, asking, signal)));
    readings.push(...read.flat());
  }
  if (!stores.some(holdsLogs) && (keepsAuditLog(resource) || readings.length === 0)) {
    const noLog: Failure = { why: 'not-configured', nextStep: howToConfigure(resource) };
    readings.unshift(...unreadable(kinds.filter(isOfLogs), 'none', ports.clock, noLog));
  }
  return withCompleteness({ resource, from, to, readings });
}

/** All that needs nothing else at once, then what follows from it. */
function roundsOf(kinds: readonly EvidenceKind[]): EvidenceKind[][] {
  const rounds: EvidenceKind[][] = [];
  let left = [...kinds];
  while (left.length > 0) {
    const waits = ({ follows }: EvidenceKind) => left.some(({ kind }) => kind === follows);
    rounds.push(left.filter((each) => !waits(each)));
    left = left.filter(waits);
  }
  return rounds;
}

/** What stores of audit logs hold, and can be expected to answer; all else comes from stores of its own. */
const LOG_LANGUAGES: ReadonlySet<EvidenceReader['language']> = new Set(['sql', 'kql', 'opensearch']);

function holdsLogs({ language }: EvidenceReader): boolean {
  return LOG_LANGUAGES.has(language);
}

function isOfLogs({ sql }: EvidenceKind): boolean {
  return sql !== undefined;
}

async function readStore(
  clock: Clock,
  reader: EvidenceReader,
  kinds: readonly EvidenceKind[],
  request: GatherRequest & { known: Known },
  signal: AbortSignal | undefined,
): Promise<Reading[]> {
  const { resource, from, to } = request;
  const known = CHOOSES_WINDOWS.has(reader.language) ? request.baselines?.get(reader.store) : undefined;
  const query = compose(reader.language, kinds, known === undefined ? request : { ...request, windows: OWN_WINDOWS });
  const said = new Set(query.statements.map(({ kind }) => kind));
  const unsaid = holdsLogs(reader) ? kinds.filter((each) => isOfLogs(each) && !said.has(each.kind)) : [];
  const unsupported = unreadable(unsaid, reader.store, clock, {
    why: 'unsupported',
    nextStep: `The store ${reader.store} cannot answer this: add a store that can`,
  });
  if (query.statements.length === 0) return unsupported;
  if (!spend(request.budget, costOf(reader, query)))
    return [
      ...unreadable(
        kinds.filter(({ kind }) => said.has(kind)),
        reader.store,
        clock,
        OVER_BUDGET,
      ),
      ...unsupported,
    ];
  const read = await withDeadline(
    clock,
    request.timeoutMs ?? STORE_TIMEOUT_MS,
    (stop) =>
      reader.read({ resource, from, to, window: 'incident', query, spend: () => spend(request.budget, 1) }, stop),
    signal,
  );
  const readings = read.ok
    ? read.readings.map((reading) => checked(reading, kinds))
    : unreadable(
        kinds.filter(({ kind }) => said.has(kind)),
        reader.store,
        clock,
        read,
      );
  const held = said.has(coverage.kind) ? withoutEmptyBaselines(readings) : readings;
  const fresh = held.filter(({ window }) => known === undefined || OWN_WINDOWS.includes(window));
  return [...fresh, ...(said.has(coverage.kind) ? (known ?? []) : []), ...unsupported];
}

/** Read as much of other days as they are asked for; the others take in everything, or keep it themselves. */
const CHOOSES_WINDOWS: ReadonlySet<EvidenceReader['language']> = new Set(['kql']);

/** Of the incident itself; the same hours of other days are settled, and need not be read again. */
const OWN_WINDOWS: readonly Window[] = ['incident', 'hour-before'];

const OVER_BUDGET: Failure = {
  why: 'over-budget',
  nextStep: 'This incident has used up its queries: raise HEADROOM_QUERIES_PER_INCIDENT, or read the log by hand',
};

/** Stores that take one request a kind of evidence; the others answer all of it in one. */
const REQUEST_A_KIND: ReadonlySet<EvidenceReader['language']> = new Set(['logs-insights', 'promql']);

/** Reads no log and no metric: it costs nothing, keeps to a quota of its own, and is asked a few times a run. */
const FREE: ReadonlySet<EvidenceReader['language']> = new Set(['resource-graph']);

function costOf({ language }: EvidenceReader, { statements }: ComposedQuery): number {
  if (FREE.has(language)) return 0;
  return REQUEST_A_KIND.has(language) ? statements.length : 1;
}

function spend(budget: QueryBudget | undefined, queries: number): boolean {
  if (!budget) return true;
  if (budget.left < queries) return false;
  budget.left -= queries;
  return true;
}

type Failure = Pick<Extract<Reading, { state: 'unavailable' }>, 'why' | 'nextStep'>;
type Read = { ok: true; readings: Reading[] } | ({ ok: false } & Failure);

/** The store's answer, or why there is none in time. What it still does after that is of no interest. */
async function withDeadline(
  clock: Clock,
  timeoutMs: number,
  ask: (stop: AbortSignal) => Promise<Reading[]>,
  signal: AbortSignal | undefined,
): Promise<Read> {
  const late: Read = {
    ok: false,
    why: 'timed-out',
    nextStep: `The store did not answer within ${Math.round(timeoutMs / 1000)} s: it is asked again with the next run`,
  };
  if (signal?.aborted) return late;
  const stop = new AbortController();
  const answered = new AbortController();
  const deadline = clock.sleep(timeoutMs, answered.signal).then(
    () => late,
    () => late,
  );
  const outside = new Promise<Read>((resolve) =>
    signal?.addEventListener('abort', () => resolve(late), { once: true }),
  );
  const answer = ask(stop.signal).then(
    (readings): Read => ({ ok: true, readings }),
    (error: unknown): Read => ({ ok: false, ...failureOf(error) }),
  );
  const first = await Promise.race([answer, deadline, outside]);
  answered.abort();
  if (first === late) stop.abort();
  return first;
}

const WHY: Readonly<Record<string, Failure['why']>> = {
  denied: 'denied',
  throttled: 'throttled',
  'timed-out': 'timed-out',
  'not-found': 'not-configured',
  configuration: 'not-configured',
  'too-large': 'over-budget',
  invalid: 'unsupported',
};

function failureOf(error: unknown): Failure {
  if (!isHeadroomError(error))
    return { why: 'unreachable', nextStep: 'The store failed; it is asked again with the next run' };
  return { why: WHY[error.kind] ?? 'unreachable', nextStep: error.nextStep ?? error.message };
}

/** The rows of a store are checked once, here: what does not fit the kind's row is not passed on. */
function checked(reading: Reading, kinds: readonly EvidenceKind[]): Reading {
  if (reading.state !== 'read') return reading;
  const asked = kinds.find(({ kind }) => kind === reading.kind);
  if (asked !== undefined && areRowsOf(reading.rows, asked)) return reading;
  const { kind, store, window, readAt } = reading;
  const nextStep = `The store ${store} answered in a shape that is not understood: update Headroom, or report it`;
  return { kind, store, window, readAt, state: 'unavailable', why: 'unsupported', nextStep };
}

function withoutEmptyBaselines(readings: readonly Reading[]): Reading[] {
  const held = new Set<Window>(['incident', ...BASELINES.filter((window) => isHeld(readings, window))]);
  return readings.filter(({ window }) => held.has(window));
}

function isHeld(readings: readonly Reading[], window: Window): boolean {
  const reading = readings.find((candidate) => candidate.kind === coverage.kind && candidate.window === window);
  if (reading?.state !== 'read') return false;
  const [row] = reading.rows;
  const parsed = z.safeParse(coverage.row, row);
  if (!parsed.success || parsed.data.firstMs === null || parsed.data.lastMs === null) return false;
  const { fromMs, toMs, firstMs, lastMs, requests } = parsed.data;
  const enoughMs = Math.min(BASELINE_COVERED_MS, BASELINE_COVERED_MIN * (toMs - fromMs));
  return requests >= BASELINE_REQUESTS_MIN && lastMs - firstMs >= enoughMs;
}

function unreadable(kinds: readonly EvidenceKind[], store: string, clock: Clock, failure: Failure): Reading[] {
  const readAt = new Date(clock.now()).toISOString();
  const { why, nextStep } = failure;
  return kinds.map(({ kind }) => ({ kind, store, window: 'incident', readAt, state: 'unavailable', why, nextStep }));
}

function keepsAuditLog({ cloud, type }: Resource): boolean {
  return cloud === 'azure' && type.toLowerCase() === 'microsoft.keyvault/vaults';
}

function howToConfigure(resource: Resource): string {
  const { type, name } = resource;
  if (keepsAuditLog(resource))
    return (
      `Turn on a diagnostic setting of ${name} that sends category AuditEvent to a workspace, and let the function app ` +
      'in Azure work its alerts; or name exported audit logs with --logs'
    );
  return type === 'unknown'
    ? 'The alert names no resource whose logs could be read: let its rule target the resource itself'
    : `No log store is known for resources of type ${type}: the alert stands on its own`;
}
