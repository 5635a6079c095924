/** Loaded at the first question: one machine that has only files asks nobody. */
import { CloudWatchClient, GetMetricDataCommand, type MetricDataResult } from '@aws-sdk/client-cloudwatch';
import type { Time } from '../../model.ts';
import { type AwsCall, type CallLimits, createAwsCalls } from './calls.ts';
import { clientOptions } from './client-options.ts';
import type { AwsCredentials } from './taken-role.ts';

type MetricsQuestion = {
  metrics: readonly {
    namespace: string;
    name: string;
    statistic: string;
    dimensions: readonly { name: string; value: string }[];
  }[];
  /** Whole minutes; `to` is exclusive. */
  from: Time;
  to: Time;
};

/** What came of one metric, in the order of the question. */
export type MetricAnswer = {
  points: { atMs: number; value: number }[];
  /** The service's word for what went wrong with this one: it answers for the others all the same. */
  failed?: string;
};

export type AskMetrics = (question: MetricsQuestion, signal?: AbortSignal) => Promise<MetricAnswer[]>;

/** Five metrics of two hours are one page; more are cut. */
const PAGES_MAX = 5;

const PERIOD_S = 60;

/**
 * @param reach.region whose metrics they are; absent: the region of this process
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
 */
export function openMetrics(reach: {
  endpoint: string | undefined;
  region: string | undefined;
  limits: CallLimits;
  /** Absent: those of this process. */
  credentials?: AwsCredentials | undefined;
}): AskMetrics {
  const { endpoint, region, limits, credentials } = reach;
  const client = new CloudWatchClient({
    ...clientOptions(endpoint, limits),
    ...(region === undefined ? {} : { region }),
    ...(credentials === undefined ? {} : { credentials }),
  });
  const call = createAwsCalls('cloudwatch-metrics', limits);
  return (question, signal) => ask(client, call, question, signal);
}

async function ask(
  client: CloudWatchClient,
  call: AwsCall,
  { metrics, from, to }: MetricsQuestion,
  signal: AbortSignal | undefined,
): Promise<MetricAnswer[]> {
  const answers = new Map<string, MetricAnswer>(metrics.map((_, nth) => [`m${nth}`, { points: [] }]));
  const queries = metrics.map(({ namespace, name, statistic, dimensions }, nth) => ({
    Id: `m${nth}`,
    MetricStat: {
      Metric: {
        Namespace: namespace,
        MetricName: name,
        Dimensions: dimensions.map((dimension) => ({ Name: dimension.name, Value: dimension.value })),
      },
      Period: PERIOD_S,
      Stat: statistic,
    },
  }));
  let token: string | undefined;
  for (let page = 1; ; page += 1) {
    const command = new GetMetricDataCommand({
      MetricDataQueries: queries,
      StartTime: new Date(from),
      EndTime: new Date(to),
      ScanBy: 'TimestampAscending',
      ...(token === undefined ? {} : { NextToken: token }),
    });
    const { MetricDataResults = [], NextToken } = await call('reading metrics of CloudWatch', (ends) => {
      const abortSignal = signal === undefined ? ends : AbortSignal.any([ends, signal]);
      abortSignal.throwIfAborted();
      return client.send(command, { abortSignal });
    });
    token = NextToken;
    for (const result of MetricDataResults) take(answers, result, { isLast: token === undefined || page >= PAGES_MAX });
    if (token === undefined || page >= PAGES_MAX) return [...answers.values()];
  }
}

/** Parts of one metric come on several pages; that there is more is a failure only on the last. */
function take(answers: Map<string, MetricAnswer>, result: MetricDataResult, { isLast }: { isLast: boolean }): void {
  const { Id = '', Timestamps = [], Values = [], StatusCode = 'Complete' } = result;
  const answer = answers.get(Id);
  if (!answer) return;
  for (const [nth, at] of Timestamps.entries()) {
    const value = Values[nth];
    if (value !== undefined) answer.points.push({ atMs: at.getTime(), value });
  }
  const isCut = StatusCode === 'PartialData' && isLast;
  if (isCut || StatusCode === 'Forbidden' || StatusCode === 'InternalError') answer.failed = StatusCode;
}
