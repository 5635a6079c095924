import type { Reading, Resource, Time, Window } from '../model.ts';

/** One composed question to a store, as its language file says it: text and parameters; the adapter knows no kind. */
export type ComposedQuery = {
  /** Statements that take in everything first, for a store that reads files anew; what has been taken in needs them no more. */
  intake?: readonly string[];
  /** Statements run before the others, in order, whose rows are not read; they replace what an earlier question left. */
  setup: readonly string[];
  /**
   * `window` is the one that the rows are of; absent: the request's. `keepMs`: how long an answer may be given again to the
   * very same text; absent: it is asked anew. `of`: what it rests on, without which it has no rows and need not be asked.
   */
  statements: readonly { kind: string; text: string; window?: Window; keepMs?: number; of?: string }[];
  /** Gives, after the setup, the names that `of` may name of which there is something. Absent: all is asked. */
  held?: string;
  /** One text that answers all statements in one go, for a store that is asked once: rows `{ kind, window, row }`. */
  together?: string;
  /**
   * Fewer kinds, of the incident alone, for a store that refuses the whole: each of `statements` asks one table, in one pass, and
   * `together` all of them at once, of all tables. Rows of either are `{ kind, window, row }`.
   */
  coarse?: Pick<ComposedQuery, 'statements' | 'together'>;
  /** Gives one number, after the intake: how many lines the store could not take in, for which it may look again. */
  unreadable?: string;
  parameters: Readonly<Record<string, string | number>>;
};

export type EvidenceRequest = {
  resource: Resource;
  from: Time;
  /** Exclusive. */
  to: Time;
  window: Window;
  query: ComposedQuery;
  /** Takes one more question from what may still be asked, for whoever needs more than one; false: there is none. Absent: any. */
  spend?(): boolean;
};

/** What `evidence/languages/` speaks: the query language of a store, over the tables that it holds. */
export type Language =
  | 'sql'
  | 'kql'
  | 'sign-ins'
  | 'configuration-requests'
  | 'resource-graph'
  | 'azure-metrics'
  | 'cloudwatch-metrics'
  | 'logs-insights'
  | 'opensearch'
  | 'promql';

/** Reads rows from one store. Expected failures come back as `unavailable` readings, never as exceptions. */
export interface EvidenceReader {
  store: string;
  /** Which of `evidence/languages/` this store speaks. */
  language: Language;
  /** Whether this store can hold records of the resource. */
  covers(resource: Resource): boolean;
  /** One reading for each statement asked. */
  read(request: EvidenceRequest, signal?: AbortSignal): Promise<Reading[]>;
}

/** How exported files are taken in once and looked over, as the language file says it; the adapter knows no log format. */
export type ArchiveQuery = {
  /** Statements run once over the files, in order. */
  intake: readonly string[];
  /** Rows `{ id, requests, throttled, fromUs, toUs }`, most throttled first. */
  resources: string;
  /** Rows of the same shape: what the files hold beside what was asked for. Asked only where `resources` is empty. */
  others: string;
  /** Rows `{ name, records }`. */
  foreign: string;
  /** One number: lines that could not be taken in. */
  unreadable: string;
  parameters: Readonly<Record<string, string | number>>;
};

export type SurveyedResource = {
  /** Resource id, lower-cased. */
  id: string;
  requests: number;
  /** Answered 429. */
  throttled: number;
  /** Of the first request. */
  from: Time;
  /** Exclusive: the first full second after the last request. */
  to: Time;
};

export type LogSurvey = {
  /** Files that were read, wholly or in part. */
  files: number;
  /** Every resource with requests in the time and among the vaults asked for, most throttled first, then most requests. */
  resources: SurveyedResource[];
  /** What the files hold in other vaults or at other times; looked up only where `resources` is empty. */
  others: SurveyedResource[];
  skipped: {
    /** Lines that are no record. */
    lines: number;
    /** Files that could not be read, or only in part; `error` in words, without their content. */
    files: { path: string; error: string }[];
  };
  /** Records of other services or categories, by what they are, most frequent first. */
  foreign: { name: string; records: number }[];
};

/**
 * Exported logs, read once, then asked for one resource after another without reading the files again. Ask it like any
 * other reader; questions asked at once are answered one after the other.
 */
export interface LogArchive extends EvidenceReader {
  survey: LogSurvey;
  /** Lets go of the memory and the temporary files. */
  close(): Promise<void>;
}

/** How far the work is; `done` never shrinks within a phase. */
export type ArchiveProgress = {
  /** `rewriting`: files that the database cannot read as they are; `reading`: the one pass over all; `asking`: of one resource. */
  phase: 'rewriting' | 'reading' | 'asking';
  done: number;
  total: number;
  unit: 'bytes' | 'steps';
};

/**
 * `no-match`: no path leads to a file. `unreadable`: files, but no record of any kind could be read from them. `foreign`:
 * only other services' logs, named in `foreign`. Files without any content are a valid archive without resources.
 */
export type OpenedLogArchive =
  | { ok: true; archive: LogArchive }
  | {
      ok: false;
      why: 'no-match' | 'unreadable' | 'foreign' | 'denied' | 'timed-out' | 'over-budget' | 'not-configured';
      /** What failed, and what to do about it: sentences without full stop. */
      message: string;
      nextStep: string;
      skipped: LogSurvey['skipped'];
      foreign: LogSurvey['foreign'];
    };
