import type { Escalated, EscalationStep, Severity, Time } from '../model.ts';
import { type IncidentRecord, isPosted } from './record.ts';

/** Incidents as severe as this call someone by themselves (field-notes 17), also in quiet hours. */
const SEVERE: Severity = 1;

export type EscalationRules = {
  /** How long an incident may stay unacknowledged. */
  afterMs: number;
  /** It has a likely or confirmed cause that hurts somebody. */
  hurts(record: IncidentRecord): boolean;
  isQuiet(now: Time): boolean;
  /** A maintenance window covers it. */
  isInMaintenance(record: IncidentRecord, now: Time): boolean;
};

/**
 * Whether somebody is to be called: it was told, is real, open and nobody's, has been so for long enough, and is severe or
 * hurts somebody. What the summary of a storm tells of calls nobody by itself; the storm does, once.
 */
export function isCallDue(record: IncidentRecord, rules: EscalationRules, now: Time): boolean {
  const { lifecycle, synthetic, acknowledged, assigned, silencedUntil, summarisedIn, severity } = record;
  if (lifecycle.state !== 'open' || synthetic !== undefined || acknowledged || assigned) return false;
  if (!record.verified || !(isPosted(record) || record.storm)) return false;
  if (silencedUntil !== undefined && silencedUntil > now) return false;
  if (Object.keys(summarisedIn ?? {}).length > 0 || rules.isInMaintenance(record, now)) return false;
  if (Date.parse(now) - Date.parse(openSince(record)) < rules.afterMs) return false;
  return severity <= SEVERE || (rules.hurts(record) && !rules.isQuiet(now));
}

/** Since when it could have been acknowledged: first heard of, or opened again. */
function openSince({ ledger, openedAt }: IncidentRecord): Time {
  return ledger.findLast(({ step }) => step === 'reopened')?.at ?? ledger[0]?.at ?? openedAt;
}

/**
 * What the service is to be told now; null where nothing. Only who was called, or may have been, is told that somebody has it
 * or that it is over.
 */
export function stepDue(record: IncidentRecord, known: Escalated | undefined, isDue: boolean): EscalationStep | null {
  if (!known) return isDue ? 'trigger' : null;
  const { step, calledAt } = known;
  if (calledAt === undefined) return isDue && known.state !== 'failed' ? 'trigger' : null;
  if (record.lifecycle.state === 'resolved') return step === 'resolve' || isCalledElsewhere(record) ? null : 'resolve';
  if (record.acknowledged) return step === 'trigger' ? 'acknowledge' : null;
  return step === 'resolve' && isDue ? 'trigger' : null;
}

/** The first region calls under the same id: its call must not end here. */
function isCalledElsewhere({ id, lifecycle, secondRegion }: IncidentRecord): boolean {
  return lifecycle.state === 'resolved' && lifecycle.by === 'merge' && secondRegion?.mergedInto === id;
}

/** The service with the step that it is to be told next: pending anew where it is another one than it was told. */
export function withStep(known: Escalated | undefined, key: string, step: EscalationStep): Escalated {
  if (known?.step === step && known.state !== 'sent') return known;
  const { count = 0, calledAt } = known ?? {};
  return {
    key,
    step,
    count: count + 1,
    attempts: 0,
    ...(calledAt === undefined ? {} : { calledAt }),
    state: 'pending',
  };
}

/** Whether something is to be sent to the service at the time: it is due, or its sender has died. */
export function isStepOpen(known: Escalated, now: Time): boolean {
  if (known.state === 'pending') return known.notBefore === undefined || known.notBefore <= now;
  return known.state === 'sending' && known.until <= now;
}
