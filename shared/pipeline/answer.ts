import { metricTimelineChart } from '../charts/metric-timeline.ts';
import { requestTimelineChart } from '../charts/request-timeline.ts';
import type { Diagnosis } from '../diagnoses/diagnosis.ts';
import { callers } from '../evidence/callers.ts';
import { coverage } from '../evidence/coverage.ts';
import { load } from '../evidence/load.ts';
import { LIMITED_CLASSES } from '../evidence/operation-classes.ts';
import { rowsOf } from '../evidence/rows.ts';
import { timeline } from '../evidence/timeline.ts';
import { proposeFixes, reliefOf } from '../fixes/propose.ts';
import { createWhatIf, type WhatIf } from '../fixes/what-if.ts';
import { type LimitProfile, limitFor } from '../limits.ts';
import type {
  Cause,
  Chart,
  Evidence,
  Finding,
  Impact,
  Note,
  RelatedEvent,
  Resource,
  SignalState,
  Time,
} from '../model.ts';
import { DIAGNOSES, FIXES } from '../registry.ts';
import { type NameCaller, nameInFinding, nameInImpact } from './aliases.ts';
import { isRefusedByMetrics } from './by-metrics.ts';
import { withChanges } from './changes-before.ts';
import type { Objective } from './error-budget.ts';
import { measureImpact } from './impact.ts';
import { namingFrom } from './naming.ts';
import { writeNotes } from './notes.ts';
import { EXPLAINS_MIN, REMOVAL_MIN, rank, type Weighed } from './rank.ts';

export type AnswerInput = {
  resource: Resource;
  evidence: Evidence;
  limits: LimitProfile;
  /** What the alerts say, against which a log that shows nothing is held. */
  signals?: readonly SignalState[];
  /** What the resource is held to, against which the error budget is counted; absent where the settings name none. */
  objective?: Objective | null;
  /** What was left out of the log files is said elsewhere, once for all resources. */
  intakeApart?: boolean;
  /** What the settings call a caller; absent: as its log shows it. */
  nameCaller?: NameCaller;
  /** Events of the provider that alerts told of. */
  related?: readonly RelatedEvent[];
  /** When the incident opened: marked in the chart. */
  openedAt?: Time;
};

export type Answer = {
  /** Ranked, best first. */
  findings: Finding[];
  /** What was looked for and is not it: no sign of it in the log, or its cure would change next to nothing. */
  ruledOut: Finding[];
  impact?: Impact;
  chart?: Chart;
  notes: Note[];
};

/** Confirmed needs at least this. */
const CONFIRMED_EXPLAINS_MIN = 0.3;
/** Refusals whose caller is unknown or only inferred, above which nothing is confirmed (field-notes 4). */
const UNCERTAIN_SHARE = 0.2;
/** Share of the load that the log must hold for a confirmed finding (design §6). */
const COMPLETENESS_MIN = 0.8;
const MARKERS_MAX = 4;
/** Share of the load that the log must hold to be drawn in place of what the metrics count. */
const DRAWN_MIN = 0.5;

/**
 * From evidence to causes ranked, impact, chart, fixes with their predicted effect, and notes on what the answer rests on.
 * Pure. Whatever could not be read leaves its part out and is named in the notes with the next step.
 */
export function answer(input: AnswerInput): Answer {
  const { evidence, limits } = input;
  const nameCaller = namingFrom(evidence, input.nameCaller);
  const refused = refusedIn(evidence);
  const whatIf = refused === 0 ? null : createWhatIf(evidence, limits);
  const causes = DIAGNOSES.flatMap((diagnosis) =>
    diagnosis
      .diagnose({ evidence, limits, signals: input.signals ?? [], related: input.related ?? [] })
      .map((cause) => weighed({ diagnosis, cause: measured(cause, diagnosis, input, whatIf) }, evidence, whatIf)),
  );
  const told = rank(withoutGuises(causes.filter(isTold)));
  const culprits = new Set(told.flatMap(({ cause }) => (cause.caller === undefined ? [] : [cause.caller.id])));
  const findings = told.map(({ diagnosis, cause }): Finding => {
    const victims = cause.victims.filter(({ id }) => !culprits.has(id));
    const rules = FIXES.filter(({ id }) => diagnosis.fixes.includes(id));
    return { ...cause, victims, fixes: proposeFixes(cause, rules, { resource: input.resource, whatIf }) };
  });
  const impact = measureImpact(evidence, culprits, input.objective ?? null);
  const chart = chartOf({ ...input, nameCaller }, findings, whatIf);
  const notes = writeNotes({
    evidence,
    findings,
    whatIf,
    signals: input.signals ?? [],
    refused,
    intakeApart: input.intakeApart ?? false,
  });
  const ruledOut = refused === 0 ? [] : ruleOut(causes, evidence);
  return {
    findings: withChanges(findings, evidence).map((finding) => nameInFinding(finding, nameCaller)),
    ruledOut: ruledOut.map((finding) => nameInFinding(finding, nameCaller)),
    ...(impact !== undefined && { impact: nameInImpact(impact, nameCaller) }),
    ...(chart !== undefined && { chart }),
    notes,
  };
}

type Found = Weighed & { diagnosis: Diagnosis };

/**
 * What has no cure, or what is said to be open, is told as it is, and so is how a caller retries: whoever gives up at once
 * hurts its users and adds no refusal. All else has to explain something, or to be such that without it much would be gone.
 */
function isTold({ diagnosis, cause, weight }: Found): boolean {
  const asItIs = diagnosis.cure === null || cause.verdict === 'inconclusive' || cause.role === 'amplifier';
  return asItIs || cause.explains >= EXPLAINS_MIN || weight >= REMOVAL_MIN;
}

/** Each caller's own causes, without those that are only how another one of them looks. */
function withoutGuises(told: readonly Found[]): Found[] {
  return told.filter(
    ({ diagnosis, cause }) =>
      !told.some(
        ({ cause: other }) =>
          diagnosis.yieldsTo?.includes(other.kind) === true &&
          other.verdict !== 'inconclusive' &&
          other.caller?.id === cause.caller?.id,
      ),
  );
}

/** Everything that was looked for and that no finding says, in the order of the registry. */
function ruleOut(causes: readonly Found[], evidence: Evidence): Finding[] {
  return DIAGNOSES.filter((diagnosis) => wasLookedFor(diagnosis, evidence)).flatMap((diagnosis): Finding[] => {
    const own = causes.filter((found) => found.diagnosis === diagnosis);
    if (own.some(isTold)) return [];
    const [first] = own.sort((a, b) => b.cause.explains - a.cause.explains);
    if (first !== undefined) return [{ ...first.cause, verdict: 'ruled-out', fixes: [] }];
    const { kind } = diagnosis;
    const summary = 'the log shows no sign of it';
    return [
      {
        kind,
        verdict: 'ruled-out',
        role: 'condition',
        confidence: 0,
        explains: 0,
        victims: [],
        facts: [],
        summary,
        fixes: [],
      },
    ];
  });
}

/** Nothing is ruled out by evidence of which no store was asked. */
function wasLookedFor({ needs }: Diagnosis, { readings }: Evidence): boolean {
  return readings.some(({ kind, state }) => state === 'read' && needs.includes(kind));
}

function refusedIn(evidence: Evidence): number {
  return (rowsOf(evidence, timeline) ?? [])
    .filter(({ outcome }) => outcome === 'refused')
    .reduce((all, { perSecond }) => perSecond.reduce((sum, count) => sum + count, all), 0);
}

/** With what its cure alone would take away (field-notes 9), and no surer than its evidence allows. */
function measured(
  cause: Cause,
  diagnosis: Diagnosis,
  { evidence, resource }: AnswerInput,
  whatIf: WhatIf | null,
): Cause {
  if (diagnosis.cure === null) return isLate(evidence, diagnosis.needs) ? { ...cause, verdict: 'inconclusive' } : cause;
  const cure = FIXES.find(({ id }) => id === diagnosis.cure);
  const relief = cure === undefined ? null : reliefOf(cause, cure, { resource, whatIf });
  const explains = relief ?? refusedShareOf(cause, evidence);
  const sure = explains >= CONFIRMED_EXPLAINS_MIN && relief !== null && !isUncertain(evidence);
  const verdict = cause.verdict === 'confirmed' && !sure ? 'likely' : cause.verdict;
  return { ...cause, explains, verdict };
}

/**
 * A cure may leave the load what it is and only spread it, as over the seconds in which another cause refuses it all the same;
 * what it weighs is then what would be refused no more if its caller were not there. Where that cannot be replayed, it is the
 * caller's part of what was asked: whoever filled the vault need not be who is refused.
 */
function weighed({ diagnosis, cause }: Omit<Found, 'weight'>, evidence: Evidence, whatIf: WhatIf | null): Found {
  const { explains, caller } = cause;
  if (caller === undefined || explains >= REMOVAL_MIN) return { diagnosis, cause, weight: explains };
  if (whatIf?.faithful !== true)
    return { diagnosis, cause, weight: Math.max(explains, firstShareOf(caller.id, evidence)) };
  const { throttledBefore, throttledAfter } = whatIf.predict((fleet) => ({
    ...fleet,
    members: fleet.members.filter((member) => member.caller !== caller.id),
  }));
  return { diagnosis, cause, weight: Math.max(explains, 1 - throttledAfter / Math.max(1, throttledBefore)) };
}

/** Where nothing could be replayed: the caller's own share of the refusals, which is no more than a hint; all, of nobody's. */
function refusedShareOf({ caller }: Cause, evidence: Evidence): number {
  if (caller === undefined) return 1;
  const own = (rowsOf(evidence, callers) ?? []).find((row) => row.caller === caller.id)?.refused ?? 0;
  return own / Math.max(1, refusedIn(evidence));
}

function firstShareOf(caller: string, evidence: Evidence): number {
  const rows = rowsOf(evidence, load) ?? [];
  const firstOf = (of: typeof rows): number => of.reduce((all, { first }) => first.reduce((sum, n) => sum + n, all), 0);
  return firstOf(rows.filter((row) => row.caller === caller)) / Math.max(1, firstOf(rows));
}

function isUncertain(evidence: Evidence): boolean {
  const [held] = rowsOf(evidence, coverage) ?? [];
  if (isLate(evidence)) return true;
  if (held === undefined) return false;
  return held.inferred + held.unattributed > UNCERTAIN_SHARE * Math.max(1, refusedIn(evidence));
}

/**
 * Much of what was read (of these kinds; default: of all) is still to come, or was cut off. What is not there yet looks as
 * if it had not happened, so that nothing without a cure, as that it is over, is said on it.
 */
function isLate({ readings }: Evidence, kinds?: readonly string[]): boolean {
  return readings.some(
    (reading) =>
      reading.state === 'read' &&
      reading.window === 'incident' &&
      (kinds?.includes(reading.kind) ?? true) &&
      (reading.truncated || (reading.completeness !== null && reading.completeness < COMPLETENESS_MIN)),
  );
}

function chartOf(input: AnswerInput, findings: readonly Finding[], whatIf: WhatIf | null): Chart | undefined {
  const { evidence, signals = [] } = input;
  const markers = findings
    .flatMap(({ onset, kind }) => (onset === undefined ? [] : [{ at: onset, label: kind.replaceAll('-', ' ') }]))
    .slice(0, MARKERS_MAX);
  if (input.openedAt !== undefined) markers.push({ at: input.openedAt, label: 'alert' });
  const operationClass = isBehind(evidence) ? null : (whatIf?.class ?? busiestClass(evidence));
  const byLog =
    operationClass === null
      ? undefined
      : requestTimelineChart(evidence, {
          operationClass,
          limit: limitFor(input.limits, input.resource, operationClass),
          markers,
          ...(input.nameCaller !== undefined && { nameCaller: input.nameCaller }),
        });
  return byLog ?? metricTimelineChart(evidence, { markers, signals: signals.flatMap((state) => state.signals) });
}

/** What was refused by the metrics has not arrived in the log, or most of it has not. */
function isBehind(evidence: Evidence): boolean {
  if (!isRefusedByMetrics(evidence)) return false;
  const drawn = evidence.readings.find(
    ({ kind, window, state }) => kind === timeline.kind && window === 'incident' && state === 'read',
  );
  const completeness = drawn?.state === 'read' ? drawn.completeness : null;
  return refusedIn(evidence) === 0 || (completeness !== null && completeness < DRAWN_MIN);
}

function busiestClass(evidence: Evidence): string | null {
  const rows = (rowsOf(evidence, timeline) ?? []).filter((row) => LIMITED_CLASSES.some((name) => name === row.class));
  const sums = new Map<string, number>();
  for (const { class: name, perSecond } of rows)
    sums.set(
      name,
      perSecond.reduce((sum, count) => sum + count, sums.get(name) ?? 0),
    );
  const [busiest] = [...sums].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  return busiest?.[0] ?? null;
}
