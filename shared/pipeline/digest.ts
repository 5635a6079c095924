import { digestIdOf, digestWeek, emptyWeek, openDigest, summariseWeek } from '../incidents/digest.ts';
import { desireRevision } from '../incidents/effects.ts';
import type { IncidentRecord } from '../incidents/record.ts';
import type { Time } from '../model.ts';
import type { OpenRecord } from './claim.ts';
import { timeNow, type WorkDeps } from './deps.ts';
import { readIncident, updateIncident } from './incidents.ts';
import { indexKey, indexPartition, OPEN_PARTITION, openKey } from './keys.ts';
import { hashContent } from './revise.ts';
import { unlessUnreadable } from './unless-unreadable.ts';
import { readVersioned } from './versions.ts';

export type Told = { digestsTold: number };

const DAY_MS = 86_400_000;
const PAGE = 1_000;
/** Incidents of one week that are read for its digest; a week of storms has more, and says how many more. */
const READ_MAX = 3_000;

/**
 * Tells the week that has just ended, once: what was only counted (field-notes 11, 17) and what was told. Nothing where nothing came,
 * where the week ended more than a day ago (a digest of an old week tells nobody anything), and in a second region, whose
 * first tells it.
 */
export async function tellWeek(deps: WorkDeps, signal?: AbortSignal): Promise<Told> {
  const none = { digestsTold: 0 };
  const now = timeNow(deps.clock);
  const week = digestWeek(now, deps.policy.timeZone);
  if (deps.firstRegion || Date.parse(now) - Date.parse(week.to) > DAY_MS) return none;
  if (await readIncident(deps, digestIdOf(week))) return none;
  // Where nobody is to be told, nothing is read for it.
  const destinations = deps.policy.route(openDigest(emptyWeek(week)), deps.senders);
  if (destinations.length === 0) return none;
  const { records, unread } = await incidentsOf(deps, week, signal);
  const summary = summariseWeek(records, week, unread);
  if (summary === null) return none;
  const fresh = openDigest(summary);
  const revision = 1;
  const effects = desireRevision([], destinations, revision, 'post');
  const told: IncidentRecord = {
    ...fresh,
    revision,
    effects,
    contentHash: hashContent(fresh, deps.policy, destinations),
  };
  // Before the digest itself, so that the sweep finds it when whoever makes it dies.
  await deps.records.put(openKey(told.fingerprint), pointerOf(told, now), 'absent');
  await deps.records.put(indexKey(week.to, told.id), { v: 1, incidentId: told.id }, 'absent');
  const { before } = await updateIncident(deps, told.id, (record) => record ?? told);
  if (before) return none;
  await deps.queue.send({ v: 1, incidentId: told.id });
  return { digestsTold: 1 };
}

function pointerOf({ id }: IncidentRecord, now: Time): OpenRecord {
  return { v: 1, incidentId: id, scope: 'headroom', family: 'digest', claimedAt: now, resolvedAt: now };
}

/** Those that were first heard of in the week, and those that were open before and are still looked after. */
async function incidentsOf(
  deps: WorkDeps,
  week: { from: Time; to: Time },
  signal?: AbortSignal,
): Promise<{ records: IncidentRecord[]; unread: number }> {
  const ids = new Set<string>();
  for (let dayMs = Date.parse(week.from); dayMs < Date.parse(week.to) + DAY_MS; dayMs += DAY_MS)
    for await (const { value } of pagesOf<{ incidentId: string }>(deps, indexPartition(new Date(dayMs).toISOString())))
      ids.add(value.incidentId);
  for await (const { id, value } of pagesOf<OpenRecord>(deps, OPEN_PARTITION))
    await unlessUnreadable(deps, `pointer ${id}`, async () => {
      ids.add(readVersioned(`pointer ${id}`, value).incidentId);
    });
  const records: IncidentRecord[] = [];
  for (const id of [...ids].slice(0, READ_MAX)) {
    signal?.throwIfAborted();
    await unlessUnreadable(deps, `incident ${id}`, async () => {
      const stored = await readIncident(deps, id);
      if (stored) records.push(stored.value);
    });
  }
  return { records, unread: Math.max(0, ids.size - READ_MAX) };
}

async function* pagesOf<T>({ records }: WorkDeps, partition: string): AsyncGenerator<{ id: string; value: T }> {
  let after: string | undefined;
  for (;;) {
    const page = await records.list<T>(partition, { limit: PAGE, ...(after === undefined ? {} : { after }) });
    yield* page;
    after = page.at(-1)?.id;
    if (page.length < PAGE) return;
  }
}
