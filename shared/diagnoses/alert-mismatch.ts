import { rowsOf } from '../evidence/rows.ts';
import { type TimelineRow, timeline } from '../evidence/timeline.ts';
import { type Limit, limitFor } from '../limits.ts';
import type { Cause, Evidence, Fact, Signal, SignalState } from '../model.ts';
import { cleanText } from '../sources/clean.ts';
import type { Diagnosis } from './diagnosis.ts';
import { digits } from './digits.ts';
import { total } from './storm.ts';
import { confidenceOf } from './verdict.ts';

/** Below this share of what the limit admits in the rule's own window, its threshold says nothing about the limit. */
const FAR_BELOW = 0.5;
/** What most rules are meant to watch. */
const WATCHED_CLASS = 'secret';
/** Status that means throttled, as metrics name it in their dimensions. */
const THROTTLED = '429';
const HITS = 'serviceapihit';
const RESULTS = 'serviceapiresult';
const NAME_MAX = 60;

/**
 * The rule cannot mean what its author thought: a limit that is counted in windows of 10 s is watched by the minute, or
 * the rule counts something else than refusals.
 *
 * @see https://learn.microsoft.com/azure/key-vault/general/alert (metrics) and the vault's service limits
 */
export const alertMismatch: Diagnosis = {
  kind: 'alert-mismatch',
  needs: [timeline.kind],
  fixes: ['alert-rule'],
  cure: null,
  diagnose({ evidence, limits, signals }) {
    const limit = limitFor(limits, evidence.resource, WATCHED_CLASS);
    if (limit === null) return [];
    return signals.flatMap((state) => {
      const mismatch = state.signals.map((signal) => mismatchOf(signal, limit)).find((found) => found !== null);
      return mismatch === undefined || mismatch === null ? [] : [causeFrom(state, mismatch, limit, evidence)];
    });
  },
};

type Mismatch = { summary: string; threshold: number; windowSeconds: number; ofLimit: number | null };

function mismatchOf(signal: Signal, limit: Limit): Mismatch | null {
  const metric = signal.metric.toLowerCase();
  const { threshold, windowSeconds } = signal;
  if (threshold === undefined || windowSeconds === undefined || windowSeconds <= 0) return null;
  const average = signal.aggregation?.toLowerCase() === 'average';
  const seen = { threshold, windowSeconds };
  if ((metric === HITS || metric === RESULTS) && average && threshold >= 1)
    return {
      ...seen,
      ofLimit: null,
      summary: 'the rule averages a count, which is 1 for each request: it never fires',
    };
  if (metric === RESULTS && !Object.values(signal.dimensions).some((value) => value.includes(THROTTLED)))
    return { ...seen, ofLimit: null, summary: 'the rule counts every answer, not the refused ones (StatusCode 429)' };
  if (metric !== HITS || average) return null;
  const admitted = (limit.max * windowSeconds) / limit.windowSeconds;
  const ofLimit = threshold / admitted;
  if (ofLimit >= FAR_BELOW && ofLimit <= 1) return null;
  const every = windowSeconds === 60 ? 'a minute' : `in ${windowSeconds} s`;
  return {
    ...seen,
    ofLimit,
    summary:
      ofLimit > 1
        ? `${digits(threshold)} hits ${every} is more than the limit admits: it fires too late`
        : `${digits(threshold)} hits ${every} is ${percent(ofLimit)} of the limit, which counts ${limit.windowSeconds} s`,
  };
}

function causeFrom(state: SignalState, mismatch: Mismatch, limit: Limit, evidence: Evidence): Cause {
  const lines = rowsOf(evidence, timeline);
  // A log that holds nothing of that time says nothing of it.
  const refused = lines === null || lines.length === 0 ? null : refusedIn(lines);
  return {
    kind: alertMismatch.kind,
    // What the rule counts is plain from the rule; whether anybody was refused meanwhile takes the log.
    verdict: refused === 0 ? 'confirmed' : 'likely',
    role: 'condition',
    confidence: confidenceOf([refused === 0 ? 1 : 0]),
    explains: 0,
    victims: [],
    facts: factsOf(state, mismatch, limit, refused),
    summary: mismatch.summary,
  };
}

function factsOf(state: SignalState, mismatch: Mismatch, limit: Limit, refused: number | null): Fact[] {
  const rule = cleanText(state.rule, NAME_MAX);
  const from = (column: string): Fact['from'] => ({ kind: 'alert', column, row: rule, window: 'incident' });
  const facts: Fact[] = [
    { label: 'Rule', value: rule, from: from('rule') },
    {
      label: 'Its threshold',
      value: mismatch.threshold,
      unit: `in ${mismatch.windowSeconds} s`,
      from: from('threshold'),
    },
    { label: 'The limit', value: limit.max, unit: `in ${limit.windowSeconds} s`, from: from('limit') },
  ];
  if (mismatch.ofLimit !== null)
    facts.push({
      label: 'Share of what the limit admits in that time',
      value: Math.round(mismatch.ofLimit * 100),
      unit: '%',
      from: from('threshold'),
    });
  if (refused !== null)
    facts.push({
      label: 'Requests refused meanwhile',
      value: refused,
      from: { kind: timeline.kind, column: 'perSecond', window: 'incident' },
    });
  return facts;
}

function refusedIn(lines: readonly TimelineRow[]): number {
  return lines.filter(({ outcome }) => outcome === 'refused').reduce((sum, { perSecond }) => sum + total(perSecond), 0);
}

function percent(share: number): string {
  return `${Math.max(1, Math.round(share * 100))} %`;
}
