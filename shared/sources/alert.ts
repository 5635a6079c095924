import type { Alert, Link, PayloadRef, Resource, Severity, Signal, Time } from '../model.ts';
import { BOUNDS } from './bounds.ts';
import { cleanText } from './clean.ts';
import type { Custom } from './custom.ts';
import { numberedSeverity, SEVERITY_PROPERTY } from './severity.ts';

/** Stands in an alert until whoever received the payload has kept it and says where. */
export const UNKEPT_PAYLOAD: PayloadRef = Object.freeze({ hash: '', bytes: 0 });

/** Custom entry that tells when a time in the payload was missing or implausible, and what stands in for it. */
const TIME_NOTE = 'headroom_time';

/** Custom property, label or tag by which our own test alarms are told from real ones: `true`. */
const CANARY_PROPERTY = 'headroom_canary';

/** What a source has found out; `buildAlert` adds what is the same for all of them. */
export type Draft = {
  id: string;
  instance: string;
  source: string;
  category: string;
  rule: string;
  ruleId?: string | undefined;
  reference?: string | undefined;
  severity: Severity;
  firedAt: Time;
  /** Undefined: what it says of the state is in `state`. */
  resolvedAt?: Time | undefined;
  state: 'fired' | 'no-data' | 'resolved';
  receivedAt: Time;
  resource: Resource;
  description?: string | undefined;
  signals: readonly Signal[];
  links: Link[];
  custom: Custom;
  /** What was wrong with times, in words. */
  timeNotes: readonly (string | undefined)[];
  isTest?: boolean;
};

/**
 * The alert of a draft: overrides from custom properties applied, texts and lists bounded, resolved never before fired,
 * the payload not yet kept.
 */
export function buildAlert(draft: Draft): Alert {
  const { custom, description, reference, ruleId } = draft;
  const timeNote = draft.timeNotes.filter((note) => note !== undefined).join('; ');
  const synthetic = custom[CANARY_PROPERTY]?.toLowerCase() === 'true' ? 'canary' : draft.isTest ? 'test' : undefined;
  return {
    id: draft.id,
    instance: draft.instance,
    source: draft.source,
    rule: cleanText(draft.rule, BOUNDS.nameCharacters),
    ...(ruleId ? { ruleId: cleanText(ruleId, BOUNDS.idCharacters) } : {}),
    ...(reference ? { reference } : {}),
    severity: numberedSeverity(custom[SEVERITY_PROPERTY]) ?? draft.severity,
    firedAt: draft.firedAt,
    receivedAt: draft.receivedAt,
    resource: draft.resource,
    ...(description ? { description: cleanText(description, BOUNDS.descriptionCharacters) } : {}),
    signals: draft.signals.slice(0, BOUNDS.signals),
    links: draft.links,
    custom: timeNote === '' ? custom : { ...custom, [TIME_NOTE]: cleanText(timeNote, BOUNDS.customValueCharacters) },
    category: draft.category,
    payload: UNKEPT_PAYLOAD,
    ...(synthetic ? { synthetic } : {}),
    ...stateOf(draft),
  };
}

function stateOf(draft: Draft): { state: 'fired' | 'no-data' } | { state: 'resolved'; resolvedAt: Time } {
  if (draft.state !== 'resolved') return { state: draft.state };
  const resolvedAt = draft.resolvedAt ?? draft.receivedAt;
  const isInOrder = draft.firedAt <= resolvedAt;
  return { state: 'resolved', resolvedAt: isInOrder ? resolvedAt : draft.firedAt };
}
