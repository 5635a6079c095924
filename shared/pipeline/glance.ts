import { metricTimelineChart } from '../charts/metric-timeline.ts';
import { isHeadroomError } from '../errors.ts';
import { type IncidentRecord, isPosted } from '../incidents/record.ts';
import { measuredSeverity } from '../incidents/severity.ts';
import { evidenceWindow } from '../incidents/window.ts';
import type { Evidence, Note, Reading } from '../model.ts';
import type { EvidenceReader } from '../ports.ts';
import { countedNote } from './by-metrics.ts';
import { withinDeadline } from './deadline.ts';
import { timeNow, type WorkDeps } from './deps.ts';
import { gather } from './gather.ts';
import { updateIncident } from './incidents.ts';
import { leadersNote } from './leaders.ts';
import { confirmAlert } from './read-back.ts';
import { revise } from './revise.ts';

/** The first message waits no longer for what makes it better: it is to stand within ten seconds of receipt. */
const GLANCE_MS = 4_000;

/** Answer within a second or two, and know of the last minutes. */
const METRICS: ReadonlySet<EvidenceReader['language']> = new Set(['azure-metrics', 'cloudwatch-metrics']);
/** Answer in a few seconds when little is asked. */
const LIVE_LOGS: ReadonlySet<EvidenceReader['language']> = new Set(['kql']);

/** Nobody was told yet, and there is something to be seen at a glance. */
export function isGlanceDue(deps: WorkDeps, record: IncidentRecord): boolean {
  const { glancedAt, diagnosedAt, diagnosing, effects, storm } = record;
  if (glancedAt !== undefined || diagnosedAt !== undefined || diagnosing !== undefined || storm) return false;
  const isTold = effects.length === 0 || effects.some(({ delivered }) => delivered !== undefined);
  return isPosted(record) && !isTold && fastReaders(deps, record).length > 0;
}

/**
 * What can be known before the first message (field-notes 1): the metrics of the last minutes as a chart, and who led the
 * load in the last complete hour. Once an incident, for at most four seconds; whatever has not come by then follows.
 *
 * @returns what the metrics gave, for the diagnosis that follows: they need not be asked again
 */
export async function glance(deps: WorkDeps, incidentId: string): Promise<readonly Reading[]> {
  const record = await claim(deps, incidentId);
  if (record === null) return [];
  try {
    return await withinDeadline(deps.clock, GLANCE_MS, 'a first look at the evidence', async (signal) => {
      // Nothing is asked about a resource because of an alert that nobody knows (field-notes 32).
      if (!(await confirmAlert(deps, incidentId))) return [];
      const readers = fastReaders(deps, record);
      const places = [`cloud ${record.resource.cloud}`, ...readers.map(({ store }) => `store ${store}`)];
      const seen = await deps.levels.read(places, incidentId, () => look(deps, record, readers, signal));
      if (!('done' in seen)) return [];
      await keep(deps, incidentId, seen.done);
      return readOf(seen.done.evidence);
    });
  } catch (error) {
    if (!isHeadroomError(error)) throw error;
    deps.log.info('glance-ended', { incident: incidentId, kind: error.kind });
    return [];
  }
}

function fastReaders({ readers, policy }: WorkDeps, { resource }: IncidentRecord): EvidenceReader[] {
  if (!policy.mayRead(resource)) return [];
  return readers.filter(
    (reader) => (METRICS.has(reader.language) || LIVE_LOGS.has(reader.language)) && reader.covers(resource),
  );
}

async function claim(deps: WorkDeps, incidentId: string): Promise<IncidentRecord | null> {
  const { before, after } = await updateIncident(deps, incidentId, (record) =>
    record && isGlanceDue(deps, record) ? { ...record, glancedAt: timeNow(deps.clock) } : record,
  );
  return after === before ? null : after;
}

type Seen = { evidence: Evidence; leaders: Note | null; queries: number };

async function look(
  deps: WorkDeps,
  record: IncidentRecord,
  readers: readonly EvidenceReader[],
  signal: AbortSignal,
): Promise<Seen> {
  const { resource } = record;
  const metrics = readers.filter(({ language }) => METRICS.has(language));
  const log = readers.find(({ language }) => LIVE_LOGS.has(language));
  const names = deps.readers.find((reader) => reader.language === 'resource-graph' && reader.covers(resource));
  const asked = { resource, ...evidenceWindow(record, timeNow(deps.clock)), timeoutMs: GLANCE_MS };
  const signals = record.signals.flatMap((state) => state.signals);
  const mayCost = deps.policy.queriesPerIncident;
  const budget = { left: mayCost };
  const [evidence, leaders] = await Promise.all([
    gather({ readers: metrics, clock: deps.clock }, { ...asked, signals, budget }, signal),
    log === undefined ? null : leadersNote(deps, resource, { reader: log, names, timeoutMs: GLANCE_MS }, signal),
  ]);
  return { evidence, leaders, queries: mayCost - budget.left };
}

/** Of stores that answered. */
function readOf({ readings }: Evidence): Reading[] {
  const answered = new Set(readings.flatMap(({ store, state }) => (state === 'read' ? [store] : [])));
  return readings.filter(({ store }) => answered.has(store));
}

async function keep(deps: WorkDeps, incidentId: string, { evidence, leaders, queries }: Seen): Promise<void> {
  const counted = countedNote(evidence);
  await updateIncident(deps, incidentId, (record) => {
    if (!record || record.diagnosedAt !== undefined) return record;
    const signals = record.signals.flatMap((state) => state.signals);
    const markers = [{ at: record.openedAt, label: 'alert' }];
    const chart = metricTimelineChart(evidence, { markers, signals });
    const looked: IncidentRecord = {
      ...record,
      queries: (record.queries ?? 0) + queries,
      notes: [counted, leaders].filter((note) => note !== null),
      ...(leaders === null ? {} : { history: leaders }),
      ...(chart === undefined ? {} : { chart }),
      severity:
        record.family === 'throttle' && chart ? measuredSeverity(chart, deps.policy.severeShare) : record.severity,
    };
    return revise(record, looked, { policy: deps.policy, destinations: deps.senders, now: timeNow(deps.clock) });
  });
}
