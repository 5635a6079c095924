import type { Resource, Signal, Time, Window } from '../../model.ts';
import type { ComposedQuery, Language } from '../../ports.ts';
import type { EvidenceKind } from '../kind.ts';
import type { Known } from '../known.ts';
import { composeAzureMetrics } from './azure-metrics.ts';
import { composeCloudwatchMetrics } from './cloudwatch-metrics.ts';
import { composeConfigurationRequests } from './configuration-requests.ts';
import { composeKql } from './kql.ts';
import { composeLogsInsights } from './logs-insights.ts';
import { composeResourceGraph } from './resource-graph.ts';
import { composeSignIns } from './sign-ins.ts';
import { composeSql } from './sql.ts';

/**
 * What is asked of one store: kinds of evidence about a resource, from `from` to `to`, half-open. `signals`: what the alerts
 * about it measure.
 */
export type ComposeRequest = {
  resource: Resource;
  from: Time;
  to: Time;
  /** Of kinds that have baselines, and whose hours are read; absent: all. */
  windows?: readonly Window[];
  signals?: readonly Signal[];
  /** What was read before, for kinds that follow another one. */
  known?: Known;
};

type Compose = (kinds: readonly EvidenceKind[], request: ComposeRequest) => ComposedQuery;

const COMPOSERS: Partial<Record<Language, Compose>> = {
  sql: composeSql,
  kql: composeKql,
  'resource-graph': composeResourceGraph,
  'sign-ins': composeSignIns,
  'configuration-requests': composeConfigurationRequests,
  'azure-metrics': composeAzureMetrics,
  'cloudwatch-metrics': composeCloudwatchMetrics,
  'logs-insights': composeLogsInsights,
};

/** The question in the language of the store. What it cannot say is left out: its reading is `unsupported`. */
export function compose(language: Language, kinds: readonly EvidenceKind[], request: ComposeRequest): ComposedQuery {
  return COMPOSERS[language]?.(kinds, request) ?? { setup: [], statements: [], parameters: {} };
}
