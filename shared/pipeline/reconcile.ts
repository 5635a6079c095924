import { timeWords } from '../chat/words.ts';
import { asHeadroomError, type HeadroomError } from '../errors.ts';
import { foldEpisode, isHeld } from '../incidents/episode.ts';
import { ruleKeyOf } from '../incidents/rules.ts';
import type { Alert, Source, Time } from '../model.ts';
import type { FiringAlert, FiringAlerts, Revision } from '../ports.ts';
import { keyAlert, type OpenRecord } from './claim.ts';
import { timeNow } from './deps.ts';
import { readIncident } from './incidents.ts';
import { alertKey, openKey, watchKey } from './keys.ts';
import { receiveAlerts } from './receive.ts';
import { GRACE_MS, judgeAlert, judgeFiring } from './reconcile-rules.ts';
import { readVersioned } from './versions.ts';
import type { WatchDeps } from './watch.ts';

/** What fires in one cloud, looked at in one run. */
const MAX_LISTED = 500;

/** Taken up in one run: more is a storm, and comes with the next runs. */
const MAX_TAKEN = 50;

/** A cloud lists what fires some minutes late, and what was too fresh at one run is looked at again. */
const OVERLAP_MS = 60 * 60_000;

/** Alerts Management looks back 30 days at most. @see https://learn.microsoft.com/rest/api/monitor/alertsmanagement/alerts/get-all */
const LONGEST_MS = 29 * 86_400_000;

/** Custom property by which the message says how the alert came. */
const MARK = 'headroom_reconciled';

export type Reconciled = { reconciled: number };

/** `watch/reconciler`. `through`: by name of the cloud, up to when everything that fired was looked at. */
type ReconcilerRecord = { v: 1; watermark: Time; through: Record<string, Time> };

/**
 * Takes up what fires, should have arrived by now and never did: an action group stops calling an endpoint for 15 min after
 * failures. What fired before this installation first looked is not its own. Each is taken in as if it had been received, so
 * a notification that comes later is a repeat of it.
 *
 * @throws HeadroomError the first failure of a cloud, after the others were looked at
 */
export async function reconcile(deps: WatchDeps, signal?: AbortSignal): Promise<Reconciled> {
  const { firing = [], ours } = deps;
  if (firing.length === 0 || !ours) return { reconciled: 0 };
  const stored = await deps.records.get<ReconcilerRecord>(KEY);
  if (!stored) {
    await deps.records.put<ReconcilerRecord>(KEY, { v: 1, watermark: timeNow(deps.clock), through: {} }, 'absent');
    return { reconciled: 0 };
  }
  const record = readVersioned('the record of the reconciler', stored.value);
  const run: Run = { deps, record, revision: stored.revision, taken: 0, failure: null, signal };
  for (const cloud of firing) await reconcileCloud(run, cloud);
  if (run.failure) throw run.failure;
  return { reconciled: run.taken };
}

const KEY = watchKey('reconciler');

type Run = {
  deps: WatchDeps;
  record: ReconcilerRecord;
  revision: Revision | 'conflict';
  taken: number;
  failure: HeadroomError | null;
  signal: AbortSignal | undefined;
};

async function reconcileCloud(run: Run, cloud: FiringAlerts): Promise<void> {
  const { deps, record } = run;
  const now = timeNow(deps.clock);
  try {
    const value = `Found by Headroom at ${timeWords(now)}: it was firing, and no notification of it had arrived.`;
    const request = { since: sinceOf(record, cloud.name, now), limit: MAX_LISTED, mark: { name: MARK, value } };
    const { alerts, complete } = await cloud.list(request, run.signal);
    const all = await takeUpAll(run, alerts, now);
    if (!complete || !all) deps.log.warn('reconcile-incomplete', { cloud: cloud.name, listed: alerts.length });
    const through = complete ? now : throughLast(alerts);
    if (all && through !== undefined) await moveOn(run, cloud.name, through);
  } catch (error) {
    const known = asHeadroomError(error, 'bug', `reconciling ${cloud.name} failed`);
    const { kind, message, nextStep } = known;
    deps.log.error('reconcile-failed', { cloud: cloud.name, kind, error: message, nextStep });
    run.failure ??= known;
  }
}

function sinceOf({ watermark, through }: ReconcilerRecord, cloud: string, now: Time): Time {
  const done = through[cloud];
  const from = done === undefined ? watermark : before(done, OVERLAP_MS);
  return [watermark, from, before(now, LONGEST_MS)].toSorted().at(-1) ?? watermark;
}

/** The next run goes on with what fired last in a list that was cut short. */
function throughLast(alerts: readonly FiringAlert[]): Time | undefined {
  const last = alerts.at(-1);
  return last && before(last.firedAt, -OVERLAP_MS);
}

function before(time: Time, ms: number): Time {
  return new Date(Date.parse(time) - ms).toISOString();
}

async function moveOn(run: Run, cloud: string, through: Time): Promise<void> {
  if (run.revision === 'conflict') return;
  run.record = { ...run.record, through: { ...run.record.through, [cloud]: through } };
  run.revision = await run.deps.records.put(KEY, run.record, run.revision);
}

/** @returns false when some were left for the next run */
async function takeUpAll(run: Run, alerts: readonly FiringAlert[], now: Time): Promise<boolean> {
  for (const alert of alerts) {
    run.signal?.throwIfAborted();
    if (run.taken >= MAX_TAKEN) return false;
    if (await takeUp(run, alert, now)) run.taken += 1;
  }
  return true;
}

async function takeUp({ deps, record }: Run, firing: FiringAlert, now: Time): Promise<boolean> {
  const { ours = { actionGroups: [], alarmActions: [] }, policy, sources } = deps;
  const context = { ours, watermark: record.watermark, now, policy };
  if (!judgeFiring(firing, context).take) return false;
  const source = sources.find(({ name }) => name === firing.source);
  const alerts = source ? alertsOf(source, firing, now) : [];
  const owed = alerts.filter((alert) => judgeAlert(alert, context).take);
  const arrived = await Promise.all(owed.map((alert) => hasArrived(deps, alert)));
  if (!source || arrived.every((has) => has)) return false;
  const raw = Buffer.from(JSON.stringify(firing.body));
  const received = await receiveAlerts(deps, { source, body: firing.body, raw });
  const incident = received.ok ? received.incidents[0] : undefined;
  deps.log.warn('reconciled', { source: firing.source, rule: firing.rule, firedAt: firing.firedAt, incident });
  return received.ok;
}

function alertsOf(source: Source, { body }: FiringAlert, now: Time): Alert[] {
  const parsed = source.parse(body, now);
  return parsed.ok ? parsed.alerts : [];
}

/**
 * Whether it was received: under this id, or, where the cloud's list spells it otherwise than its notification did, as a rule
 * that still fires, or fired about then, in the incident of the same fingerprint. One that is on its way to a worker counts
 * as well.
 */
async function hasArrived(deps: WatchDeps, alert: Alert): Promise<boolean> {
  if (await deps.records.get(alertKey(alert.id))) return true;
  const pointer = await deps.records.get<OpenRecord>(openKey(keyAlert(alert).fingerprint));
  if (!pointer) return false;
  const incident = await readIncident(deps, pointer.value.incidentId);
  if (!incident) return true;
  const { episode } = incident.value;
  const rule = ruleKeyOf(alert);
  const fires = Object.values(foldEpisode(episode).phases).some((phase) => phase.rule === rule && isHeld(phase));
  return (
    fires || episode.events.some((event) => event.kind === 'fired' && event.rule === rule && isSame(event.at, alert))
  );
}

/** Told apart by less than a notification takes. */
function isSame(at: Time, { firedAt }: Alert): boolean {
  return Math.abs(Date.parse(at) - Date.parse(firedAt)) <= GRACE_MS;
}
