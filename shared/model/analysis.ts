/** What `headroom analyze` makes of exported logs: the document that it prints as JSON, and what readers see beside it. */
import type { Caller, Chart, Finding, Impact, Note } from '../model.ts';
import type { Resource, Time } from './alert.ts';

/** The document of `analyze --format json`: these fields and no others. */
export type Analysis = {
  schema: 'headroom.analysis/1';
  skipped: SkippedInput;
  /** Most throttled first. */
  resources: AnalysedResource[];
};

/** What of the input could not be read. */
export type SkippedInput = {
  /** Lines that are no record. */
  lines: number;
  /** Files that could not be read, or only in part. */
  files: { path: string; error: string }[];
};

export type AnalysedResource = {
  resource: Resource;
  /** What was looked into; `to` is exclusive. */
  window: { from: Time; to: Time };
  /** `throttled`: answered 429. */
  totals: { requests: number; throttled: number };
  /** Of the class nearest to its limit, or furthest above it; null where nothing was asked that a limit is known for. */
  peak: Peak | null;
  /** One for each operation class that was asked, highest utilisation first. */
  ceilings: ClassCeiling[];
  /** Most requests first. */
  callers: AnalysedCaller[];
  impact: Impact;
  /** Ranked, best first. */
  findings: Finding[];
};

export type Peak = {
  class: string;
  windowSeconds: number;
  /** Most in any so many consecutive seconds, refused ones among them. */
  requests: number;
  /** Those ÷ the published limit; may pass 1. */
  utilisation: number;
  /** When those seconds began. */
  at: Time;
};

export type ClassCeiling = {
  class: string;
  windowSeconds: number;
  /** Requests admitted a window, as the limit profile says. */
  published: number;
  /** Requests that were served a window while others were refused; null where too few were. */
  observed: { median: number; p10: number; p90: number } | null;
};

/** `share` is of all requests of the window. */
export type AnalysedCaller = Caller & { requests: number; throttled: number; share: number };

export type ClassChart = { class: string; chart: Chart };

/** A stretch of time with refusals. */
export type Episode = { from: Time /** Exclusive. */; to: Time; throttled: number };

/** One resource with what its report shows beside the document. */
export type ResourceAnalysis = {
  told: AnalysedResource;
  /** One for each operation class, of the same stretch of time; first the one most refused, else the one nearest its limit. */
  charts: ClassChart[];
  notes: Note[];
};

export type LogAnalysis = {
  skipped: SkippedInput;
  /** Records of other services among the files. */
  foreign: { name: string; records: number }[];
  resources: ResourceAnalysis[];
  /** Of those that were not looked into. */
  left: { resources: number; throttled: number };
  /** Beside what was asked for, where that holds nothing: other vaults, other times. */
  others: { name: string; requests: number; from: Time; to: Time }[];
};
