import { asHeadroomError, type HeadroomError, isHeadroomError } from '../errors.ts';
import type { IncidentRecord, RuleDetail } from '../incidents/record.ts';
import type { ReadBack, Time } from '../model.ts';
import type { AlertReadBack } from '../ports.ts';
import { timeNow, type WorkDeps } from './deps.ts';
import { readIncident, updateIncident } from './incidents.ts';
import { revise } from './revise.ts';

/** Minutes until a cloud that could not be asked is asked again; after the last of them, every half hour. */
const AGAIN_MINUTES = [1, 3, 6, 10, 20];
const AGAIN_AT_LENGTH_MINUTES = 30;
/** A day and a half: longer than any outage so far. */
const MAX_TRIES = 75;
/** Every installation asks again after an outage: not all at once. */
const JITTER = 0.2;
/** How far the cloud's clock may stand behind the sender's. */
const CLOCK_SKEW_MS = 5 * 60_000;

type Found = ReadBack | { state: 'asked-before' };

/**
 * Asks the cloud whether it knows an alert of the incident, if that is awaited; from then on the incident counts as verified.
 * A cloud that cannot be asked is asked again later, by a queue message of its own.
 *
 * @returns whether evidence may be asked for: true also where no cloud can be asked about this kind of alert
 */
export async function confirmAlert(deps: WorkDeps, incidentId: string): Promise<boolean> {
  const record = (await readIncident(deps, incidentId))?.value;
  const known = record?.readBack;
  if (!record || !known || known.state === 'confirmed') return true;
  const now = timeNow(deps.clock);
  if (known.state === 'unreadable' && known.againAt > now) return false;
  const found = await ask(deps, record, known, now);
  if (found.state === 'asked-before') return false;
  if (found.state === 'unreadable' && found.tries < MAX_TRIES) await comeBack(deps, incidentId, found.againAt);
  await updateIncident(deps, incidentId, (current) => {
    if (!current?.readBack || current.readBack.state === 'confirmed') return current;
    const asked = { ...current, readBack: found, verified: found.state === 'confirmed' };
    return revise(current, asked, { policy: deps.policy, destinations: deps.senders, now });
  });
  deps.log.info('alert-read-back', { incident: incidentId, state: found.state, tries: found.tries });
  return found.state === 'confirmed';
}

/** A rule that fired, and what its cloud calls the alert. */
type Claim = RuleDetail & { reference: string };

async function ask(deps: WorkDeps, record: IncidentRecord, known: ReadBack, now: Time): Promise<Found> {
  const { tries } = known;
  const before = known.state === 'unknown' ? known.alerts : [];
  const rules = Object.values(record.rules).filter(({ alertId }) => !before.includes(alertId));
  // Nothing has come since that could be asked about.
  if (known.state === 'unknown' && rules.length === 0) return { state: 'asked-before' };
  let failure: HeadroomError | undefined;
  for (const { claim, cloud } of claimsOf(deps, rules)) {
    try {
      if (await isKnown(deps, record, claim, cloud)) return { state: 'confirmed', tries: tries + 1, at: now };
    } catch (error) {
      if (!isHeadroomError(error)) throw error;
      failure ??= asHeadroomError(error, 'unavailable', 'the alert could not be read back');
    }
  }
  if (failure) return unreadable(deps, failure, tries + 1, now);
  const alerts = [...before, ...rules.map(({ alertId }) => alertId)].slice(-16);
  return { state: 'unknown', tries: tries + 1, at: now, alerts };
}

function claimsOf(deps: WorkDeps, rules: readonly RuleDetail[]): { claim: Claim; cloud: AlertReadBack }[] {
  return rules.flatMap((rule) => {
    const cloud = deps.readBacks?.find(({ source }) => source === rule.source);
    return cloud && rule.reference !== undefined ? [{ claim: { ...rule, reference: rule.reference }, cloud }] : [];
  });
}

/**
 * The cloud has the alert, says that it is about this resource or at least about one in scope (a rule over a workspace
 * names the workspace), and saw it change as late as the payload claims.
 */
async function isKnown(deps: WorkDeps, record: IncidentRecord, claim: Claim, cloud: AlertReadBack): Promise<boolean> {
  const recorded = await cloud.read(claim.reference);
  if (!recorded) return false;
  const { resource } = record;
  const isAbout = (id: string): boolean => id === resource.id || deps.policy.verifies({ ...resource, id });
  return (
    (recorded.resources.length === 0 || recorded.resources.some(isAbout)) &&
    Date.parse(recorded.changedAt) >= Date.parse(claim.at) - CLOCK_SKEW_MS
  );
}

function unreadable(deps: WorkDeps, failure: HeadroomError, tries: number, now: Time): ReadBack {
  const minutes = AGAIN_MINUTES[tries - 1] ?? AGAIN_AT_LENGTH_MINUTES;
  const waitMs = Math.max(failure.retryAfterMs ?? 0, minutes * 60_000 * (1 + JITTER * deps.random()));
  const againAt = new Date(Date.parse(now) + waitMs).toISOString();
  const { message: why, nextStep } = failure;
  return { state: 'unreadable', tries, at: now, againAt, why, ...(nextStep === undefined ? {} : { nextStep }) };
}

/** Before it is written down: a message too many finds that it is not due. */
async function comeBack(deps: WorkDeps, incidentId: string, againAt: Time): Promise<void> {
  await deps.queue.send({ v: 1, incidentId }, { delayMs: Date.parse(againAt) - deps.clock.now() });
}
