import * as z from 'zod/mini';
import { requestTimelineChart } from '../charts/request-timeline.ts';
import { composeMinutes, MINUTE_ROWS } from '../evidence/minutes.ts';
import type { LimitProfile } from '../limits.ts';
import type {
  AnalysedResource,
  ClassChart,
  Episode,
  Evidence,
  Impact,
  LogAnalysis,
  Note,
  Resource,
  ResourceAnalysis,
} from '../model.ts';
import type { Clock, LogArchive, SurveyedResource } from '../ports.ts';
import { parseArmId } from '../sources/resource.ts';
import type { NameCaller } from './aliases.ts';
import { type ClassFigures, type Figures, figuresOf } from './analysis-figures.ts';
import {
  askedSpan,
  chooseWindow,
  LEAD_MINUTES,
  type MinuteCount,
  type Span,
  TAIL_MINUTES,
  type TimeChoice,
} from './analysis-window.ts';
import { type Answer, answer } from './answer.ts';
import { errorBudgetBurn, type Objective } from './error-budget.ts';
import { gather } from './gather.ts';

export type AnalyzeRequest = {
  archive: LogArchive;
  clock: Clock;
  limits: LimitProfile;
  /** What the settings hold a resource to. */
  objectiveOf(resource: Resource): Objective | null;
  /** What the settings call a caller; absent: as its log shows it. */
  nameCaller?: NameCaller;
  /** Half-open; absent: the incident that the log shows. */
  from?: TimeChoice;
  to?: TimeChoice;
  /** Every resource, and what was ruled out as well. */
  all: boolean;
  /** Told before each resource is looked into. */
  onResource?(name: string, index: number, count: number): void;
};

/** Looked into unless all are asked for; a machine has read so many in seconds, and nobody reads more. */
export const RESOURCES_MAX = 20;
/** Nobody waits for more, and whoever does stops it. */
const TIMEOUT_MS = 6 * 3_600_000;

/**
 * What exported logs say about each resource in them: one answer each, most throttled first, at most 20 unless all are asked
 * for. A resource that could not be read is told with its reason; nothing throws for it.
 *
 * @throws whatever the signal was aborted with
 */
export async function analyzeArchive(request: AnalyzeRequest, signal?: AbortSignal): Promise<LogAnalysis> {
  const { survey } = request.archive;
  const end =
    survey.resources
      .map(({ to }) => to)
      .sort()
      .at(-1) ?? '';
  const known = survey.resources.flatMap((surveyed) => {
    const resource = parseArmId(surveyed.id);
    const span = askedSpan(surveyed, end, request);
    return resource === null || span.from >= span.to ? [] : [{ surveyed, resource, span }];
  });
  const chosen = request.all ? known : known.slice(0, RESOURCES_MAX);
  const resources: ResourceAnalysis[] = [];
  for (const [index, each] of chosen.entries()) {
    request.onResource?.(each.resource.name, index, chosen.length);
    resources.push(await analyzeResource(request, each, signal));
    signal?.throwIfAborted();
  }
  const left = known.slice(chosen.length);
  return {
    skipped: survey.skipped,
    foreign: survey.foreign,
    resources: resources.toSorted(byThrottled),
    left: { resources: left.length, throttled: left.filter(({ surveyed }) => surveyed.throttled > 0).length },
    others: survey.others.map(({ id, requests, from, to }) => ({
      name: id.split('/').at(-1) ?? id,
      requests,
      from,
      to,
    })),
  };
}

function byThrottled({ told: a }: ResourceAnalysis, { told: b }: ResourceAnalysis): number {
  return (
    b.totals.throttled - a.totals.throttled ||
    b.totals.requests - a.totals.requests ||
    (a.resource.id < b.resource.id ? -1 : 1)
  );
}

async function analyzeResource(
  request: AnalyzeRequest,
  { resource, surveyed, span }: { resource: Resource; surveyed: SurveyedResource; span: Span },
  signal: AbortSignal | undefined,
): Promise<ResourceAnalysis> {
  const { archive, clock, limits } = request;
  const minutes = await readMinutes(request, resource, span, signal);
  const named = request.from !== undefined || request.to !== undefined;
  const { window, others } = chooseWindow(span, minutes, named);
  const evidence = await gather(
    { readers: [archive], clock },
    { resource, from: window.from, to: window.to, timeoutMs: TIMEOUT_MS },
    signal,
  );
  const objective = request.objectiveOf(resource);
  const { nameCaller = same } = request;
  const answered = answer({ resource, evidence, limits, objective, nameCaller, intakeApart: true });
  const figures = figuresOf(evidence, limits);
  return {
    told: tell(request, { resource, surveyed, window, evidence, objective, answered, figures }),
    charts: chartsOf(evidence, figures),
    notes: [...answered.notes, ...episodeNotes(others)],
  };
}

async function readMinutes(
  { archive }: AnalyzeRequest,
  resource: Resource,
  { from, to }: Span,
  signal: AbortSignal | undefined,
): Promise<MinuteCount[]> {
  const query = composeMinutes(resource);
  const [reading] = await archive.read({ resource, from, to, window: 'incident', query }, signal);
  signal?.throwIfAborted();
  if (reading?.state !== 'read') return [];
  const parsed = z.safeParse(MINUTE_ROWS, reading.rows);
  const inside = ({ minute }: MinuteCount): boolean =>
    minute * 60_000 >= Math.floor(Date.parse(from) / 60_000) * 60_000 && minute * 60_000 < Date.parse(to);
  return parsed.success ? parsed.data.filter(inside) : [];
}

type Looked = {
  resource: Resource;
  surveyed: SurveyedResource;
  window: Span;
  evidence: Evidence;
  objective: Objective | null;
  answered: Answer;
  figures: Figures | null;
};

const same: NameCaller = (caller) => caller;

function tell(request: AnalyzeRequest, looked: Looked): AnalysedResource {
  const { resource, surveyed, window, answered, figures } = looked;
  const findings = answered.findings.filter(({ verdict }) => verdict !== 'ruled-out');
  return {
    resource,
    window,
    // What could not be read in full was counted all the same.
    totals: figures === null ? totalsOf(surveyed) : { requests: figures.requests, throttled: figures.throttled },
    peak: figures?.classes[0]?.peak ?? null,
    ceilings: figures?.ceilings ?? [],
    callers: (figures?.callers ?? []).map((caller) => (request.nameCaller ?? same)(caller)),
    impact: answered.impact ?? nobodyHurt(looked),
    findings: request.all ? [...findings, ...answered.ruledOut] : findings,
  };
}

function totalsOf({ requests, throttled }: SurveyedResource): AnalysedResource['totals'] {
  return { requests, throttled };
}

function nobodyHurt({ evidence, objective }: Looked): Impact {
  return {
    callersRefused: 0,
    requestsFailed: 0,
    minutesOver: 0,
    pattern: 'intermittent',
    dependents: [],
    errorBudgetBurn: errorBudgetBurn(evidence, objective),
  };
}

function chartsOf(evidence: Evidence, figures: Figures | null): ClassChart[] {
  const classes = figures?.classes ?? [];
  const [main] = classes.toSorted((a, b) => b.refused - a.refused);
  if (main === undefined) return [];
  const draw = ({ class: name, limit }: ClassFigures, span?: Span): ClassChart[] => {
    const chart = requestTimelineChart(evidence, { operationClass: name, limit, markers: [], ...(span && { span }) });
    return chart === undefined ? [] : [{ class: name, chart }];
  };
  const [first] = draw(main);
  if (first === undefined) return [];
  const rest = classes.filter((each) => each !== main);
  return [first, ...rest.flatMap((each) => draw(each, { from: first.chart.from, to: first.chart.to }))];
}

const EPISODES_MAX = 3;

function episodeNotes(others: readonly Episode[]): Note[] {
  if (others.length === 0) return [];
  const worst = others.toSorted((a, b) => b.throttled - a.throttled).slice(0, EPISODES_MAX);
  const named = worst
    .toSorted((a, b) => (a.from < b.from ? -1 : 1))
    .map(({ from, to, throttled }) => `${clock(from)} to ${clock(to)} (${throttled.toLocaleString('en-US')} refused)`);
  const more = others.length > worst.length ? `, and ${others.length - worst.length} more` : '';
  const [first] = others.toSorted((a, b) => b.throttled - a.throttled);
  const what = others.length === 1 ? 'another, lesser episode' : `${others.length} other, lesser episodes`;
  return [
    {
      text: `The log holds ${what} of refusals: ${named.join(', ')}${more}.`,
      ...(first !== undefined && {
        nextStep: `Look into ${others.length === 1 ? 'it' : 'the worst of them'} with ${options(first)}`,
      }),
    },
  ];
}

function clock(time: string): string {
  return `${time.slice(0, 10)} ${time.slice(11, 16)} UTC`;
}

/** With as much around it as the window of the worst episode has. */
function options({ from, to }: Episode): string {
  const minute = (time: string, shiftMinutes: number): string =>
    `${new Date(Date.parse(time) + shiftMinutes * 60_000).toISOString().slice(0, 16)}Z`;
  return `--from ${minute(from, -LEAD_MINUTES)} --to ${minute(to, TAIL_MINUTES)}`;
}
