import { deservesMention } from '../chat/message.ts';
import { asHeadroomError, HeadroomError, isRetryable } from '../errors.ts';
import { type EscalationRules, isCallDue, isStepOpen, stepDue, withStep } from '../incidents/escalation.ts';
import { type IncidentRecord, withLedger } from '../incidents/record.ts';
import type { Escalated, Time } from '../model.ts';
import type { Escalation } from '../ports.ts';
import { withinDeadline } from './deadline.ts';
import { timeNow, type WorkDeps } from './deps.ts';
import { eventOf } from './escalation-event.ts';
import { updateIncident } from './incidents.ts';
import { revise } from './revise.ts';

/** A send ends within this share of its lease, so that nobody takes over what is still on its way. */
const SEND_WITHIN_LEASE = 2 / 3;
/** About a day of attempts; who is called by then needs no call. */
const MAX_ATTEMPTS = 300;
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 5 * 60_000;
const MESSAGE_CHARACTERS = 300;

/**
 * Tells each service that calls people what it is to know of the incident now: that nobody acknowledged it in time, that
 * somebody did, that it is over. Like messages: claimed in the record, sent once, looked after by whoever comes later when its
 * sender dies.
 *
 * @returns whether something was told, and when to look again, in milliseconds
 */
export async function escalate(
  deps: WorkDeps,
  incidentId: string,
  known: IncidentRecord,
): Promise<{ told: boolean; waitsMs: number[] }> {
  const { escalation } = deps;
  if (!escalation) return { told: false, waitsMs: [] };
  const now = timeNow(deps.clock);
  const concerned = escalation.targets.filter((target) => isOpen(deps, known, target, now));
  const ended = await Promise.all(concerned.map((target) => tell(deps, target, incidentId)));
  return {
    told: ended.some((one) => one === 'told'),
    waitsMs: ended.filter((one) => typeof one === 'number'),
  };
}

/** Whether something is to be told, or taken over, now. */
export function isEscalationDue(deps: WorkDeps, record: IncidentRecord, now: Time): boolean {
  return deps.escalation?.targets.some((target) => isOpen(deps, record, target, now)) ?? false;
}

function isOpen(deps: WorkDeps, record: IncidentRecord, { key }: Escalation, now: Time): boolean {
  const wanted = wantedOf(deps, record, key, now);
  return wanted !== null && isStepOpen(wanted, now);
}

function rulesOf({ policy, escalation }: WorkDeps): EscalationRules {
  return {
    afterMs: escalation?.afterMs ?? Number.POSITIVE_INFINITY,
    hurts: deservesMention,
    isQuiet: (at) => policy.quietUntil(at) !== null,
    isInMaintenance: ({ resource }, at) => policy.inMaintenance(resource, at),
  };
}

/** How it is to stand with the service; null where there is nothing to tell. */
function wantedOf(deps: WorkDeps, record: IncidentRecord, key: string, now: Time): Escalated | null {
  const known = record.escalated?.find((one) => one.key === key);
  if (known?.state === 'sending' && known.until > now) return known;
  const step = stepDue(record, known, isCallDue(record, rulesOf(deps), now));
  if (step !== null) return withStep(known, key, step);
  // What a dead sender may have told, or what was not answered, is told again.
  return known && known.state !== 'sent' && known.state !== 'failed' && known.calledAt !== undefined ? known : null;
}

type Claim = { escalated: Escalated & { state: 'sending' }; record: IncidentRecord };

async function tell(deps: WorkDeps, target: Escalation, incidentId: string): Promise<'told' | number | null> {
  const claimed = await claim(deps, target, incidentId);
  if (!claimed) return null;
  try {
    const leftMs = timeToSendMs(deps, claimed);
    const event = eventOf(claimed.record, claimed.escalated, timeNow(deps.clock));
    await withinDeadline(deps.clock, leftMs, `telling ${target.key}`, (signal) => target.send(event, signal));
    await settle(deps, claimed);
    return 'told';
  } catch (error) {
    const known = asHeadroomError(error, 'unavailable', `telling ${target.key} failed`);
    const { kind, message, nextStep } = known;
    deps.log.warn('escalation-failed', { incident: incidentId, service: target.key, kind, error: message, nextStep });
    return settle(deps, claimed, known);
  }
}

async function claim(deps: WorkDeps, { key }: Escalation, incidentId: string): Promise<Claim | null> {
  const nowMs = deps.clock.now();
  const now = new Date(nowMs).toISOString();
  const until = new Date(nowMs + deps.timing.leaseMs).toISOString();
  let escalated: Claim['escalated'] | null = null;
  const { after } = await updateIncident(deps, incidentId, (record) => {
    escalated = null;
    const wanted = record && wantedOf(deps, record, key, now);
    if (!record || !wanted || !isStepOpen(wanted, now)) return record;
    const { count, step, attempts, calledAt, unsure } = wanted;
    escalated = {
      key,
      step,
      count,
      attempts,
      // From here on it may have been told, whatever becomes of this process.
      ...(calledAt !== undefined ? { calledAt } : step === 'trigger' ? { calledAt: now } : {}),
      ...(unsure || wanted.state === 'sending' ? { unsure: true } : {}),
      state: 'sending',
      worker: deps.worker,
      until,
    };
    return withEscalated(record, escalated);
  });
  return after && escalated ? { escalated, record: after } : null;
}

/** @throws HeadroomError `unavailable` when the store took so long to write the claim that it is worth nothing */
function timeToSendMs({ timing, clock }: WorkDeps, { escalated }: Claim): number {
  const leftMs = Date.parse(escalated.until) - timing.leaseMs * (1 - SEND_WITHIN_LEASE) - clock.now();
  if (leftMs > 0) return leftMs;
  throw new HeadroomError('unavailable', `claiming ${escalated.key} took so long that another worker may take it over`);
}

/** @returns when to try again, in milliseconds; null where it need not be */
async function settle(deps: WorkDeps, { escalated, record }: Claim, error?: HeadroomError): Promise<number | null> {
  const now = timeNow(deps.clock);
  let waitMs: number | null = null;
  await updateIncident(deps, record.id, (incident) => {
    waitMs = null;
    const standing = incident?.escalated?.find(({ key }) => key === escalated.key);
    // Another worker has taken over since.
    if (!incident || standing?.state !== 'sending' || standing.worker !== escalated.worker) return incident;
    if (standing.until !== escalated.until) return incident;
    const { worker: _worker, until: _until, state: _state, ...rest } = standing;
    if (!error) {
      const { unsure: _unsure, ...known } = rest;
      return told(deps, withEscalated(incident, { ...known, state: 'sent', at: now }), incident, now);
    }
    const attempts = rest.attempts + 1;
    const { calledAt, ...uncalled } = { ...rest, attempts };
    const unsure = rest.unsure || error.kind === 'timed-out';
    // Refused for certain, and never taken before: nobody was called.
    const first = escalated.step === 'trigger' && !unsure;
    const kept = {
      ...uncalled,
      ...(first || calledAt === undefined ? {} : { calledAt }),
      ...(unsure ? { unsure: true as const } : {}),
    };
    if (!isRetryable(error) || attempts >= MAX_ATTEMPTS) {
      const message = error.message.slice(0, MESSAGE_CHARACTERS);
      const failed = withEscalated(incident, { ...kept, state: 'failed', kind: error.kind, message });
      return withLedger(failed, { at: now, step: 'failed', note: `${escalated.key}: ${message}` });
    }
    const exponentialMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempts - 1, 16));
    waitMs = Math.max(error.retryAfterMs ?? 0, exponentialMs * (0.5 + deps.random() / 2));
    const notBefore = new Date(Date.parse(now) + waitMs).toISOString();
    return withEscalated(incident, { ...kept, state: 'pending', notBefore });
  });
  return waitMs;
}

/** Its message says so too. */
function told(deps: WorkDeps, after: IncidentRecord, before: IncidentRecord, now: Time): IncidentRecord {
  return revise(before, after, { policy: deps.policy, destinations: deps.senders, now });
}

function withEscalated(record: IncidentRecord, escalated: Escalated): IncidentRecord {
  const others = (record.escalated ?? []).filter(({ key }) => key !== escalated.key);
  return { ...record, escalated: [...others, escalated] };
}
