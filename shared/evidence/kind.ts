import * as z from 'zod/mini';
import type { Reading, Resource, Row, Window } from '../model.ts';

/** What a SQL fragment may read: the canonical relation of one window, and what is derived from the incident's. */
type SqlRelations = {
  /** `requests` of the window that is asked. */
  requests: string;
  window: Window;
};

/** The same of a KQL fragment; bounds in microseconds since the epoch, half-open, as text of the query. */
export type KqlRelations = SqlRelations & { fromUs: string; toUs: string };

/** Metrics of Azure Monitor, one value a minute: plain data, since their API takes no query text. */
export type AzureMetrics = {
  /** The resource itself, or all of its type that share its subscription and region. */
  of: 'resource' | 'siblings';
  /** Resource type whose metrics these are, lower-cased; a resource of another type is not asked. */
  namespace: string;
  metrics: readonly {
    name: string;
    aggregation: 'count' | 'total' | 'average' | 'maximum';
    /** Dimension of which each value gives a series of its own; only what the metric has may be named. */
    splitBy?: string;
  }[];
};

/** What a fragment for a store that is asked in Kusto about more than one resource may name: literals, ready to be used. */
export type KustoNames = {
  /** Id of the watched resource, lower-cased. */
  resource: string;
  from: string;
  /** Exclusive. */
  to: string;
  /** Object and app ids of those who asked; what no id can be where there are none. */
  identities: readonly string[];
  /** Each of these, and the watched resource, as one dynamic array. */
  asked: string;
  /** Ids of the resources that these are identities of, and the watched one. */
  resources: readonly string[];
};

/** One thing that can be asked of a store: the shape of its rows, and how each language says it. */
export type EvidenceKind<R extends Row = Row> = {
  kind: string;
  /** What a row holds, checked once where rows come in. */
  row: z.ZodMiniType<R>;
  /** Asked for the baseline windows as well. */
  baseline: boolean;
  /** Resources that it can be asked of; absent: all that keep an audit log, which a store of configuration does not. */
  about?: (resource: Resource) => boolean;
  /** Tells of the time around refusals alone: where nothing was refused it has no rows. */
  aroundRefusals?: boolean;
  /** One statement, over the columns of the canonical relation only; absent: the stores of this language cannot say it. */
  sql?: (relations: SqlRelations) => string;
  /** Over the same relations of `languages/kql-*.ts`: `let` statements of its own, whose names begin with `@`, then the rows. */
  kql?: (relations: KqlRelations) => string;
  /** The same rows, as far as one pass over one table tells them: no join, no union, no name of its own (`languages/kql-coarse.ts`). */
  kqlCoarse?: (relations: KqlRelations) => string;
  /** One query over the log of a configuration store. */
  configurationRequests?: (relations: { requests: string }) => string;
  /** `signals`: what the alert itself measures. */
  azureMetrics?: AzureMetrics | 'signals';
  cloudwatchMetrics?: 'signals';
  /** One query of Logs Insights over the log groups of the resource; `text` writes a string literal. */
  logsInsights?: (write: { text(value: string): string }) => string;
  /** One query of Azure Resource Graph: no `let`, at most two `mv-expand`, joins of few tables. */
  resourceGraph?: (names: KustoNames) => string;
  /** Over the sign-ins of the callers' identities in one window: the relation `(at, objectId, appId, code)`. */
  signIns?: (relations: { signIns: string }) => string;
  /** Kind whose rows name what is to be asked for: it is read first. */
  follows?: string;
  /** Whether what was read before makes it worth a question; absent: always. */
  when?: (readings: readonly Reading[]) => boolean;
  /** How long an answer may be given again to the very same question; absent: it is asked anew each time. */
  keepMs?: number;
};

/** Numbers, of which a row may hold a hundred thousand: checked without a step of the schema for each. */
export const numbers = z.custom<number[]>(
  (value) => Array.isArray(value) && value.every((each) => typeof each === 'number' && Number.isFinite(each)),
  'expected a list of numbers',
);

/** Baselines in order of preference: the same hours of another day before the hour before the onset. */
export const BASELINES = ['day-before', 'week-before', 'hour-before'] as const satisfies readonly Window[];

/** Resource type of App Configuration, lower-cased. */
export const CONFIGURATION_STORES = 'microsoft.appconfiguration/configurationstores';

export function isConfigurationStore({ type }: Pick<Resource, 'type'>): boolean {
  return type.toLowerCase() === CONFIGURATION_STORES;
}

/** Whether it makes sense to ask this of the resource. */
export function isAbout({ about }: EvidenceKind, resource: Resource): boolean {
  return about?.(resource) ?? !isConfigurationStore(resource);
}
