import * as z from 'zod/mini';
import { HeadroomError } from '../../errors.ts';
import type { Reading } from '../../model.ts';
import type { Clock, EvidenceReader } from '../../ports.ts';
import { seriesRows } from '../series-rows.ts';
import type { CallLimits } from './calls.ts';
import type { AskMetrics, MetricAnswer } from './cloudwatch-metrics-client.ts';
import type { AwsCredentials } from './taken-role.ts';
import { unreadBecause } from './unread.ts';

/** What the role of this process needs; metrics cannot be told apart by resource. */
export const permissions = { iam: [{ actions: ['cloudwatch:GetMetricData'], resources: ['*'] }] } as const;

const STORE = 'cloudwatch-metrics';
const REGION = /^[a-z]{2}(?:-[a-z]{2,12}){1,3}-\d{1,2}$/;

/** Two tries of a service that answers within a second; a first chart waits for them. */
const LIMITS: CallLimits = { tryMs: 4_000, budgetMs: 12_000 };

/** What `evidence/languages/cloudwatch-metrics.ts` writes. */
const QUESTION = z.object({
  metrics: z.array(
    z.object({
      namespace: z.string(),
      name: z.string(),
      statistic: z.string(),
      dimensions: z.array(z.object({ name: z.string(), value: z.string() })),
    }),
  ),
  from: z.string(),
  to: z.string(),
});

/**
 * CloudWatch metrics as a store, by the minute: what an alarm measures, in the region of its resource. What goes wrong is an
 * `unavailable` reading.
 *
 * @param options.endpoint in place of AWS's own
 */
export function createCloudWatchMetrics(options: {
  endpoint: string | undefined;
  clock: Clock;
  limits?: CallLimits;
  credentials?: AwsCredentials | undefined;
}): EvidenceReader {
  const { endpoint, clock, limits = LIMITS, credentials } = options;
  const opened = new Map<string, Promise<AskMetrics>>();

  function askerFor(region: string | undefined): Promise<AskMetrics> {
    const known = opened.get(region ?? '');
    if (known) return known;
    const opening = import('./cloudwatch-metrics-client.ts').then(({ openMetrics }) =>
      openMetrics({ endpoint, region, limits, credentials }),
    );
    opened.set(region ?? '', opening);
    return opening;
  }

  return {
    store: STORE,
    language: 'cloudwatch-metrics',
    covers: ({ cloud, region }) => cloud === 'aws' && (region === undefined || REGION.test(region)),
    read: ({ resource, window, query }, signal) =>
      Promise.all(
        query.statements.map(async (statement): Promise<Reading> => {
          const read = async () => {
            const question = z.parse(QUESTION, JSON.parse(statement.text));
            const ask = await askerFor(resource.region);
            return { question, answers: await ask(question, signal) };
          };
          const found = await read().catch((error: unknown) => unreadBecause(error, 'CloudWatch metrics'));
          const readAt = new Date(clock.now()).toISOString();
          const head = { kind: statement.kind, store: STORE, window: statement.window ?? window, readAt };
          if ('why' in found) return { ...head, state: 'unavailable', ...found };
          const { question, answers } = found;
          const failed = failureOf(answers);
          if (failed) return { ...head, state: 'unavailable', ...unreadBecause(failed, 'CloudWatch metrics') };
          const series = answers.map(({ points }, nth) => ({
            resource: resource.id,
            metric: question.metrics[nth]?.name ?? '',
            split: null,
            points,
          }));
          const rows = seriesRows(series, { ...question, nowMs: clock.now() });
          return {
            ...head,
            state: 'read',
            rows,
            truncated: answers.some(({ failed: part }) => part !== undefined),
            completeness: null,
          };
        }),
      ),
  };
}

/** Where nothing was given of any of them, for one reason. */
function failureOf(answers: readonly MetricAnswer[]): HeadroomError | null {
  const word = answers.find(({ failed }) => failed !== undefined)?.failed;
  if (word === undefined || answers.some(({ points }) => points.length > 0)) return null;
  return word === 'Forbidden'
    ? new HeadroomError('denied', 'CloudWatch gave no metric: Forbidden', {
        nextStep: 'give this process a role that allows cloudwatch:GetMetricData on the account of the metric',
      })
    : new HeadroomError('unavailable', `CloudWatch gave no metric: ${word}`);
}
