import { compose } from '../evidence/languages/compose.ts';
import { metricSeries } from '../evidence/metric-series.ts';
import { areRowsOf } from '../evidence/rows.ts';
import type { SeriesRow } from '../evidence/series-row.ts';
import { clearByMetric } from '../incidents/accept.ts';
import { foldEpisode, isHeld } from '../incidents/episode.ts';
import { type IncidentRecord, withLedger } from '../incidents/record.ts';
import type { Signal, Time } from '../model.ts';
import type { EvidenceReader, Revision } from '../ports.ts';
import { type OpenRecord, syncPointer } from './claim.ts';
import { timeNow, type WorkDeps } from './deps.ts';
import { readIncident, updateIncident } from './incidents.ts';
import { OPEN_PARTITION, watchKey } from './keys.ts';
import { calmSince, isJudgeable } from './metric-calm.ts';
import { revise } from './revise.ts';
import { unlessUnreadable } from './unless-unreadable.ts';
import { readVersioned } from './versions.ts';

/** Incidents whose metrics are read in one run, and pointers that are looked at for them; the next run goes on from there. */
const READ_MAX = 20;
const LOOKED_MAX = 200;

/** Metrics of one incident, as an alert has at most five. */
const SIGNALS_MAX = 5;

/** Younger minutes may still grow. */
const SETTLED_MINUTES = 5;

/**
 * A rule that does send a Resolved has sent it by then: stateful ones of Azure after three calm checks. Of a longer window,
 * three of them.
 */
const CALM_MINUTES = 30;
const CALM_WINDOWS = 3;
/** Log alerts look back two days at most; what is longer is not read minute by minute. */
const LONGEST_MINUTES = 24 * 60;

const MINUTE_MS = 60_000;
const METRICS: ReadonlySet<EvidenceReader['language']> = new Set(['azure-metrics', 'cloudwatch-metrics']);

export type Reread = { metricsReread: number; resolvedByMetric: number };

/** `watch/metric-reread`: the pointer after which the next run begins. */
type RereadMark = { v: 1; after?: string };

/**
 * Reads the metrics again of incidents that have fired long ago and were never resolved, and resolves those whose every rule
 * has been calm since: some rules never send a Resolved, and one may be lost. Only what is verified and in scope, so many in
 * one run, and never faster than the levels of the store allow.
 */
export async function rereadMetrics(deps: WorkDeps, signal?: AbortSignal): Promise<Reread> {
  const done: Reread = { metricsReread: 0, resolvedByMetric: 0 };
  if (!deps.readers.some(({ language }) => METRICS.has(language))) return done;
  const key = watchKey('metric-reread');
  const stored = await deps.records.get<RereadMark>(key);
  const mark = stored === null ? undefined : readVersioned('the record of metric-reread', stored.value).after;
  const page = await deps.records.list<OpenRecord>(OPEN_PARTITION, {
    limit: LOOKED_MAX,
    ...(mark === undefined ? {} : { after: mark }),
  });
  let after: string | undefined;
  for (const pointer of page) {
    if (done.metricsReread >= READ_MAX) break;
    signal?.throwIfAborted();
    await unlessUnreadable(deps, `pointer ${pointer.id}`, () =>
      lookAt(deps, readVersioned(`pointer ${pointer.id}`, pointer.value), done, signal),
    );
    after = pointer.id;
  }
  const isEnd = page.length < LOOKED_MAX && after === page.at(-1)?.id;
  await moveMark(deps, isEnd ? undefined : after, stored?.revision);
  return done;
}

async function moveMark(
  { records }: WorkDeps,
  after: string | undefined,
  revision: Revision | undefined,
): Promise<void> {
  const value: RereadMark = { v: 1, ...(after === undefined ? {} : { after }) };
  await records.put(watchKey('metric-reread'), value, revision ?? 'absent');
}

async function lookAt(
  deps: WorkDeps,
  { incidentId, resolvedAt }: OpenRecord,
  done: Reread,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (resolvedAt !== undefined) return;
  const record = (await readIncident(deps, incidentId))?.value;
  const asked = record && askedOf(deps, record);
  if (!record || !asked) return;
  done.metricsReread += 1;
  const since = await calmOf(deps, record, asked, signal);
  if (since !== null && (await resolveByMetric(deps, record, since))) done.resolvedByMetric += 1;
}

type Asked = { reader: EvidenceReader; signals: readonly Signal[]; calmMinutes: number; firedAt: Time };

/** Null for what is not to be asked about: unverified, out of scope, too young, or not all of it to be told from metrics. */
function askedOf(deps: WorkDeps, record: IncidentRecord): Asked | null {
  if (record.lifecycle.state !== 'open' || !record.verified || record.synthetic !== undefined || record.storm)
    return null;
  if (!deps.policy.mayRead(record.resource)) return null;
  const held = Object.values(foldEpisode(record.episode).phases).filter(isHeld);
  const rules = new Set(held.map(({ rule }) => rule));
  const firing = Object.entries(record.rules).filter(([key]) => rules.has(key));
  // A rule that is not known any more cannot be told to be calm.
  if (held.length === 0 || firing.length < rules.size) return null;
  const signals = firing.flatMap(([, rule]) => rule.signals);
  if (firing.some(([, rule]) => rule.signals.length === 0) || signals.length > SIGNALS_MAX) return null;
  if (!signals.every(isJudgeable)) return null;
  const windowSeconds = Math.max(...signals.map((each) => each.windowSeconds ?? 0));
  const calmMinutes = Math.max(CALM_MINUTES, Math.ceil((CALM_WINDOWS * windowSeconds) / 60));
  const firedAt =
    record.episode.events
      .map(({ at }) => at)
      .toSorted()
      .at(-1) ?? record.openedAt;
  const isYoung = deps.clock.now() - Date.parse(firedAt) < (calmMinutes + SETTLED_MINUTES) * MINUTE_MS;
  const reader = deps.readers.find(({ language, covers }) => METRICS.has(language) && covers(record.resource));
  return isYoung || calmMinutes > LONGEST_MINUTES || !reader ? null : { reader, signals, calmMinutes, firedAt };
}

/** Since when all of its conditions have been unmet; null where any is met, or could not be read. */
async function calmOf(
  deps: WorkDeps,
  record: IncidentRecord,
  { reader, signals, calmMinutes, firedAt }: Asked,
  signal: AbortSignal | undefined,
): Promise<Time | null> {
  const to = Math.floor(deps.clock.now() / MINUTE_MS) - SETTLED_MINUTES;
  const longest = Math.min(LONGEST_MINUTES, 2 * calmMinutes);
  const from = Math.max(Math.floor(Date.parse(firedAt) / MINUTE_MS), to - longest);
  let since = from;
  for (const one of signals) {
    const rows = await readSeries(deps, record, { reader, one, from, to }, signal);
    const calm = rows && calmSince(rows, one, { from, to, calmMinutes });
    if (calm === null) return null;
    since = Math.max(since, calm);
  }
  return new Date(Math.max(since * MINUTE_MS, Date.parse(firedAt))).toISOString();
}

async function readSeries(
  deps: WorkDeps,
  { id, resource }: IncidentRecord,
  { reader, one, from, to }: { reader: EvidenceReader; one: Signal; from: number; to: number },
  signal: AbortSignal | undefined,
): Promise<readonly SeriesRow[] | null> {
  const span = { from: new Date(from * MINUTE_MS).toISOString(), to: new Date(to * MINUTE_MS).toISOString() };
  const query = compose(reader.language, [metricSeries], { resource, ...span, signals: [one] });
  if (query.statements.length === 0) return null;
  const places = [`cloud ${resource.cloud}`, `store ${reader.store}`];
  const read = await deps.levels.read(places, id, () =>
    reader.read({ resource, ...span, window: 'incident', query }, signal),
  );
  const [reading] = 'done' in read ? read.done : [];
  if (reading?.state !== 'read' || reading.truncated) return null;
  return areRowsOf(reading.rows, metricSeries) ? reading.rows : null;
}

/** @returns false where something has come in meanwhile */
async function resolveByMetric(deps: WorkDeps, read: IncidentRecord, since: Time): Promise<boolean> {
  const now = timeNow(deps.clock);
  const { after, before } = await updateIncident(deps, read.id, (record) => {
    if (!record || record.accepted.length !== read.accepted.length || record.lifecycle.state !== 'open') return record;
    const cleared = clearByMetric(record, since);
    if (cleared.lifecycle.state === 'open') return record;
    const noted = withLedger(cleared, { at: now, step: 'resolved', note: 'metric' });
    return revise(record, noted, { policy: deps.policy, destinations: deps.senders, now });
  });
  if (!after || after === before) return false;
  await syncPointer(deps.records, after);
  await deps.queue.send({ v: 1, incidentId: read.id });
  deps.log.info('resolved-by-metric', { incident: read.id, since });
  return true;
}
