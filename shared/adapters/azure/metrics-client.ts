/** A bundle of its own, loaded at the first question: an alert is received without it. */
import { type HttpClient, type PipelinePolicy, RestError } from '@azure/core-rest-pipeline';
import { type Metric, MetricsClient, type MetricsQueryResourcesOptions } from '@azure/monitor-query-metrics';
import { HeadroomError } from '../../errors.ts';
import type { Time } from '../../model.ts';
import type { TokenCredential } from '../../secrets/token.ts';

type MetricsQuestion = {
  /** At most 50, of one subscription, region and type. */
  resourceIds: readonly string[];
  namespace: string;
  metric: string;
  aggregation: Aggregation;
  filter?: string;
  /** Whole minutes; `to` is exclusive. */
  from: Time;
  to: Time;
};

type Aggregation = 'average' | 'minimum' | 'maximum' | 'total' | 'count';

/** One metric of one resource, a series for each value of what it was split by. */
export type MetricsAnswer = {
  resourceId: string;
  /** What went wrong with this one: the service answers for the others all the same. */
  errorCode?: string;
  series: {
    dimensions: readonly { name: string; value: string }[];
    /** In any order; null: the service knows of nothing in that minute. */
    points: { atMs: number; value: number | null }[];
  }[];
};

/** Series of one resource that are asked for; the service's own default is 10. */
const SERIES_MAX = 50;

/**
 * Asks once for one metric of several resources: no retries, no redirects. The SDK's own way with a token refuses the plain
 * http of an emulator on this machine, and its interval is asked for as the service's default.
 *
 * @param reach `url` of the region
 * @throws RestError of a refusal; HeadroomError `invalid` for an answer of another shape
 * @see https://learn.microsoft.com/rest/api/monitor/metrics-batch/batch
 */
export async function askMetrics(
  reach: { url: string; scope: string; credential: TokenCredential; http: HttpClient | undefined },
  question: MetricsQuestion,
  signal: AbortSignal,
): Promise<MetricsAnswer[]> {
  const { resourceIds, namespace, metric, aggregation, filter, from, to } = question;
  const client = new MetricsClient(reach.url.replace(/\/+$/, ''), reach.credential, {
    retryOptions: { maxRetries: 0 },
    redirectOptions: { maxRetries: 0 },
    ...(reach.http === undefined ? {} : { httpClient: reach.http }),
  });
  client.pipeline.removePolicy({ name: 'bearerTokenAuthenticationPolicy' });
  client.pipeline.addPolicy(authorised(reach, signal));
  const options: MetricsQueryResourcesOptions = {
    startTime: new Date(from),
    endTime: new Date(to),
    interval: 'PT1M',
    aggregation,
    ...(filter === undefined ? {} : { filter, top: SERIES_MAX }),
  };
  try {
    const results = await client.queryResources([...resourceIds], [metric], namespace, options);
    return results.flatMap(({ resourceId = '', metrics }) =>
      metrics.map((one) => answerOf(resourceId, one, aggregation)),
    );
  } catch (error) {
    // The SDK walks through whatever came as if it were an answer.
    if (error instanceof TypeError) throw shapeless(error);
    throw error;
  }
}

function authorised(
  { scope, credential }: { scope: string; credential: TokenCredential },
  signal: AbortSignal,
): PipelinePolicy {
  return {
    name: 'authorised',
    async sendRequest(request, next) {
      signal.throwIfAborted();
      const token = await credential.getToken(scope, { abortSignal: signal });
      request.headers.set('authorization', `Bearer ${token?.token ?? ''}`);
      request.allowInsecureConnection = true;
      request.abortSignal = signal;
      const response = await next(request);
      // Of a refusal without a body the SDK makes an error of its own kind.
      if (response.status === 200) return response;
      throw new RestError(`Azure Monitor metrics answered ${response.status}`, {
        statusCode: response.status,
        response,
      });
    },
  };
}

function answerOf(resourceId: string, metric: Metric, aggregation: Aggregation): MetricsAnswer {
  const { errorCode, timeseries } = metric;
  return {
    resourceId: resourceId.toLowerCase(),
    ...(errorCode === undefined || errorCode === 'Success' ? {} : { errorCode }),
    series: timeseries.map(({ metadatavalues = [], data = [] }) => ({
      dimensions: metadatavalues.map(({ name = '', value = '' }) => ({ name, value })),
      points: data.map((point) => ({ atMs: point.timeStamp.getTime(), value: point[aggregation] ?? null })),
    })),
  };
}

function shapeless(cause: unknown): HeadroomError {
  return new HeadroomError('invalid', 'Azure Monitor metrics gave an answer of an unknown shape', { cause });
}
