import type { Outcome, Time } from '../model.ts';
import { foldEpisode, REOPEN_WITHIN_MS } from './episode.ts';
import { isWeakOnly } from './noise.ts';
import { type AcceptedAlert, type IncidentRecord, isPosted, MAX_ACCEPTED } from './record.ts';

export type OutcomeContext = {
  now: Time;
  /** A maintenance window covers the resource (a silence of the incident itself is in the record). */
  inMaintenance: boolean;
  /** Keys of the destinations that routing gives this incident. */
  destinations: readonly string[];
  /** It is a provider's event that open incidents now name. */
  attached?: boolean;
  /** Each of these destinations is told of it in the summary of a storm. */
  summarised?: boolean;
};

/** A Resolved whose Fired never comes is settled after this time (design §3). */
export const LONE_AFTER_MS = REOPEN_WITHIN_MS;

/**
 * Gives every accepted alert its one outcome, as soon as it can be known; a decided one is never changed.
 * Undecided stays only a Resolved or no-data younger than 15 min whose Fired has not arrived.
 */
export function decideOutcomes(record: IncidentRecord, context: OutcomeContext): IncidentRecord {
  if (record.accepted.every((alert) => alert.outcome !== undefined)) return record;
  let posted = isPosted(record);
  const { fired } = foldEpisode(record.episode);
  const accepted = record.accepted.map((alert) => {
    if (alert.outcome !== undefined) return alert;
    const outcome = posted ? 'joined' : firstOutcome(record, alert, fired, context);
    if (outcome === 'posted') posted = true;
    return outcome === undefined ? alert : { ...alert, outcome };
  });
  // Alerts that waited for the one that was posted have joined it, wherever they stand in the list; beside a Fired that
  // was not posted (silenced, busy only) a late Resolved has nothing to join.
  const rest: Outcome | undefined = posted ? 'joined' : fired ? 'summarised' : undefined;
  return boundAccepted({ ...record, accepted: accepted.map((alert) => settle(alert, rest)) });
}

/**
 * The latest 200 alerts one by one, those before them as counts. Among them one that is still undecided, a Resolved among
 * hundreds whose Fired never came, is counted as summarised.
 */
function boundAccepted(record: IncidentRecord): IncidentRecord {
  const excess = record.accepted.length - MAX_ACCEPTED;
  if (excess <= 0) return record;
  const acceptedEarlier = { ...record.acceptedEarlier };
  for (const { outcome = 'summarised' } of record.accepted.slice(0, excess))
    acceptedEarlier[outcome] = (acceptedEarlier[outcome] ?? 0) + 1;
  return { ...record, accepted: record.accepted.slice(excess), acceptedEarlier };
}

function settle(alert: AcceptedAlert, rest: Outcome | undefined): AcceptedAlert {
  return alert.outcome === undefined && rest !== undefined ? { ...alert, outcome: rest } : alert;
}

function firstOutcome(
  record: IncidentRecord,
  alert: AcceptedAlert,
  fired: boolean,
  context: OutcomeContext,
): Outcome | undefined {
  // Told elsewhere: no end of a silence or of a maintenance window tells it here.
  if (context.attached) return 'joined';
  if (context.inMaintenance) return 'silenced';
  if (record.silencedUntil !== undefined && record.silencedUntil > context.now) return 'silenced';
  // Nothing fires before the end that a portal's test plays: it is shown as it comes.
  if (!fired && record.synthetic !== 'test') {
    const waitedMs = Date.parse(context.now) - Date.parse(alert.receivedAt);
    return waitedMs >= LONE_AFTER_MS ? 'summarised' : undefined;
  }
  if (record.synthetic === 'canary' || isWeakOnly(record.signals)) return 'summarised';
  if (context.destinations.length === 0) return 'routed-nowhere';
  if (context.summarised) return 'summarised';
  // What is posted is posted for its Fired; a Resolved beside it has joined.
  return alert.state === 'fired' || record.synthetic === 'test' ? 'posted' : undefined;
}
